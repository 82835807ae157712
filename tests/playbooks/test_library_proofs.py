"""Questions of our playbooks are answered by what was measured since the act, and values are read
from what devices print."""

import re
import time

import pytest

from agent.strict import Refused
from collector.promql.labels import Words
from collector.promql.limits import Limits
from collector.promql.memory import Memory
from collector.promql.plan import Matcher
from collector.promql.query import Ask, ask
from collector.promql.vectors import Vector
from playbooks import outcomes, quoting
from playbooks.model import Look, Platform, Proof
from playbooks.session import Output
from tests.each import for_each
from tests.playbooks import samples
from tests.playbooks.books import books

BOOKS = books()
BEGIN = int(samples.GIVEN["begin"])
R, W, D = Platform.ROUTEROS, Platform.OPENWRT, Platform.DEBIAN
# what each series shows when all is well, and when it is not
SERIES = {
    "ronda_hotspot_journey_up": (1.0, 0.0),
    "ronda_uplink_dns_up": (1.0, 0.0),
    "ronda_uplink_up": (1.0, 0.0),
    "ronda_wifi_up": (1.0, 0.0),
    "ronda_dhcp_leases_used_ratio": (0.6, 1.0),
    "ronda_host_disk_used_ratio": (0.5, 0.97),
    "ronda_host_clock_skew_seconds": (-0.4, -600.0),
    "ronda_agent_resident_bytes": (15e6, 0.0),
    "ronda_check_certificate_expiry_timestamp_seconds": (BEGIN + 89 * 86400.0, BEGIN + 86400.0),
}
# computed when it is asked for, it is always of now
DERIVED = {"ronda_host_clock_skew_seconds"}
# these are always measured where the playbook makes sense
NEEDED = {
    "ronda_uplink_up",
    "ronda_agent_resident_bytes",
    "ronda_check_certificate_expiry_timestamp_seconds",
}


def questions() -> dict[str, tuple[str, str]]:
    """Each question once, with the series it is about."""
    found = {}
    for book in BOOKS.values():
        for recipe in book.recipes.values():
            for step in recipe.verify:
                if isinstance(step, Look) and step.proof is Proof.HOLDS:
                    text = quoting.plain(step.subject, samples.values(book))
                    (name,) = set(re.findall(r"ronda_[a-z_]+", text))
                    found[f"{book.name} {name}"] = (text, name)
    return found


def holds(question: str, name: str, points: dict[int, float], site: str) -> bool:
    """The answer a minute after the act; `points` by seconds since the act."""
    labels = {"__name__": name, "site": site, "mount": "/", "check": "opensid", "step": "login"}
    memory = Memory(Words())
    for at, value in points.items():
        memory.add(labels, [value], (BEGIN + at) * 1000, 1000)
    now_ms = (BEGIN + 60) * 1000
    asked = Ask(question, now_ms, now_ms, scope=(Matcher("site", "=", samples.GIVEN["site"]),))
    value = ask(asked, memory, Limits(clock=time.monotonic), memory.words).value
    assert isinstance(value, Vector)
    return len(value.labels) > 0


@for_each(("question", "name"), questions().values(), ids=list(questions()))
def test_a_question_holds_only_by_what_was_measured_well_since_the_act(
    question: str, name: str
) -> None:
    good, bad = SERIES[name]
    here = samples.GIVEN["site"]
    assert holds(question, name, {30: good}, here)
    assert holds(question, name, {-30: bad, 30: good}, here)
    assert not holds(question, name, {-30: good, 30: bad}, here)
    if name not in DERIVED:
        assert not holds(question, name, {-30: good}, here)


@for_each(("question", "name"), questions().values(), ids=list(questions()))
def test_a_village_that_does_not_measure_it_is_not_held_up(question: str, name: str) -> None:
    assert holds(question, name, {}, samples.GIVEN["site"]) is (name not in NEEDED)


@for_each(("question", "name"), questions().values(), ids=list(questions()))
def test_another_village_proves_nothing(question: str, name: str) -> None:
    good, bad = SERIES[name]
    mine = holds(question, name, {}, samples.GIVEN["site"])
    assert holds(question, name, {30: good}, "35.10.01.2001") is mine
    assert holds(question, name, {30: bad}, "35.10.01.2001") is mine


def step_that_keeps(name: str, platform: Platform, value: str) -> outcomes.Command:
    recipe = BOOKS[name].recipes[platform]
    steps = [s for s in (*recipe.precheck, *recipe.snapshot) if isinstance(s, outcomes.Command)]
    (step,) = [step for step in steps if step.keep is not None and step.keep.name == value]
    return step


@for_each(
    ("name", "platform", "value", "printed", "kept"),
    [
        ("bersihkan-sewa-dhcp", R, "before", "10m\n", "10m"),
        ("bersihkan-sewa-dhcp", R, "before", "00:10:00\r\n", "00:10:00"),
        ("bersihkan-sewa-dhcp", R, "before", "1d00:00:00\n", "1d00:00:00"),
        ("perbaiki-dns", R, "before1", "server 192.0.2.53\n", "192.0.2.53"),
        ("perbaiki-dns", R, "before3", "server 0.0.0.0\r\n", "0.0.0.0"),
        ("perbaiki-dns", R, "before2", "server 2001:db8::53\n", "2001:db8::53"),
        (
            "perbaiki-dns",
            D,
            "nic",
            "default via 192.0.2.1 dev enp1s0 proto dhcp src 192.0.2.9 metric 100\n",
            "enp1s0",
        ),
        ("perbarui-alamat-wan", D, "nic", "default dev ppp0 scope link\n", "ppp0"),
        ("nyalakan-ulang-router", R, "uptime", "uptime 3w2d04:05:06\r\n", "3w2d04:05:06"),
        ("nyalakan-ulang-router", R, "uptime", "uptime 4m5s\n", "4m5s"),
        (
            "nyalakan-ulang-router",
            W,
            "boot",
            "8f5e0c7b-3c5e-4d4e-9b93-1c6e5a0d7b11\n",
            "8f5e0c7b-3c5e-4d4e-9b93-1c6e5a0d7b11",
        ),
        ("setel-waktu", R, "zone_before", "zone Asia/Jakarta\r\n", "Asia/Jakarta"),
        ("setel-waktu", R, "zone_before", "zone manual\n", "manual"),
        ("setel-waktu", R, "auto_before", "auto true\n", "true"),
        ("setel-waktu", R, "primary_before", "primary 0.0.0.0\n", "0.0.0.0"),
        ("setel-waktu", D, "zone_before", "Timezone=Etc/UTC\nNTP=no\n", "Etc/UTC"),
        ("setel-waktu", D, "ntp_before", "CanNTP=yes\nNTP=no\nNTPSynchronized=yes\n", "no"),
        ("mulai-ulang-aplikasi", D, "fpm", "php8.2-fpm.service enabled\nnone\n", "php8.2-fpm"),
        ("mulai-ulang-aplikasi", D, "fpm", "none\n", "none"),
        ("mulai-ulang-basis-data", D, "unit", "mariadb.service enabled enabled\n", "mariadb"),
        ("perbarui-firmware", R, "latest", "   channel: stable\nlatest 7.16.2\r\n", "7.16.2"),
        ("pindah-jalur", R, "to_before", "distance 2\n", "2"),
        ("tutup-layanan", R, "telnet", "off false\n", "false"),
        ("tutup-layanan", R, "winbox", "from 10.0.0.0/8\r\n", "10.0.0.0/8"),
        ("tutup-layanan", R, "winbox", "from 0.0.0.0/0\n", "0.0.0.0/0"),
    ],
)
def test_a_value_is_read_from_what_a_device_prints(
    name: str, platform: Platform, value: str, printed: str, kept: str
) -> None:
    step = step_that_keeps(name, platform, value)
    assert step.keep is not None
    assert outcomes.why_failed(step, Output(printed, 0, 0.1)) == ""
    found = outcomes.kept(step.keep, printed)
    assert found.removesuffix(".service") == kept


@pytest.mark.parametrize(
    ("name", "platform", "value", "printed"),
    [
        ("perbaiki-dns", R, "before1", "expected end of command (line 1 column 5)\n"),
        ("perbaiki-dns", D, "nic", ""),
        ("perbarui-firmware", R, "latest", "latest \n"),
        ("tutup-layanan", R, "winbox", "from 10.0.0.5/8\n"),
        ("mulai-ulang-basis-data", D, "unit", "0 unit files listed.\n"),
    ],
)
def test_a_run_does_not_begin_on_a_value_that_is_not_there(
    name: str, platform: Platform, value: str, printed: str
) -> None:
    step = step_that_keeps(name, platform, value)
    assert step.keep is not None
    with pytest.raises(Refused):
        outcomes.kept(step.keep, printed)


def test_several_networks_of_winbox_cannot_be_put_back_and_stop_the_run() -> None:
    step = step_that_keeps("tutup-layanan", R, "winbox")
    told = outcomes.why_failed(step, Output("from 10.0.0.0/8;192.0.2.0/24\n", 0, 0.1))
    assert told.startswith("must not have")
