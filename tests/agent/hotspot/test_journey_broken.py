"""A guest's way through a real dnsmasq and a portal, each step broken in turn and mended again.

The agent runs on all the while: nothing it remembers may keep it from seeing the repair.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.agent.hotspot.village import ROOT, Look, Village

pytestmark = pytest.mark.slow

PORTAL = {"portal": "http://10.77.0.1:8080/login"}
LOGIN = {**PORTAL, "login": True, "logout": "http://10.77.0.1:8080/logout"}
ALL = ["dhcp", "dns", "portal", "login", "internet"]
GOOD = "good"
NOTHING = dict.fromkeys(ALL)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    made = Village(tmp_path_factory.mktemp("village"))
    try:
        made.password("10.77.0.1", "warga:desa")
        made.serve()
        made.lease()
        made.capture()
        made.wait(lambda: made.look(**PORTAL).verdict == GOOD)
        yield made
    finally:
        made.close()


def portal(mode: str) -> Callable[[Village], None]:
    return lambda village: village.mode("portal", mode)


def internet(mode: str) -> Callable[[Village], None]:
    return lambda village: village.mode("internet", mode)


def served(*options: str) -> Callable[[Village], None]:
    def serve(village: Village) -> None:
        village.serve(*options)
        village.wait(lambda: "started" in (village.folder / "dnsmasq.txt").read_text())

    return serve


def full(village: Village) -> None:
    address = village.leased()
    village.serve("--port=0", pool=f"{address},{address},1h")


def redirect_gone(village: Village) -> None:
    village.gate.run("nft", "delete", "table", "ip", "hotspot")


def portal_gone(village: Village) -> None:
    village.stop("portal")


def no_way_out(village: Village) -> None:
    village.gate.run("ip", "link", "set", "wan0", "down")


def way_out(village: Village) -> None:
    village.gate.run("ip", "link", "set", "wan0", "up")
    village.gate.run("ip", "route", "replace", "default", "via", "203.0.113.1")


def bill_and_no_redirect(village: Village) -> None:
    village.mode("internet", "bill")
    redirect_gone(village)


def all_well(village: Village) -> None:
    village.mode("internet", "well")
    village.redirect()


def password(text: str) -> Callable[[Village], None]:
    return lambda village: village.password("10.77.0.1", text)


BILL = "the provider's billing page comes instead of"
CASES: dict[str, tuple[Callable[[Village], None], Callable[[Village], None], str, str]] = {
    "dnsmasq is stopped": (
        lambda village: village.stop("dnsmasq"),
        served(),
        "dhcp",
        "phones get no address: no DHCP server offers one on eth0",
    ),
    "the pool is used up": (
        full,
        served(),
        "dhcp",
        "phones get no address: 10.77.0.1 has no address left",
    ),
    "an address without a gateway": (
        served("--dhcp-option=3", "--address=/#/198.51.100.1"),
        served(),
        "dhcp",
        "phones get no address: 10.77.0.1 offers one without a gateway",
    ),
    "the DNS server is dead": (
        served("--port=0", "--dhcp-option=6,10.77.0.1"),
        served(),
        "dns",
        "names are not found: 10.77.0.1 answers no DNS",
    ),
    "no DNS server is told": (
        served("--dhcp-option=6"),
        served(),
        "dns",
        "names are not found: 10.77.0.1 names no DNS server",
    ),
    "nobody is led to the portal": (
        redirect_gone,
        Village.redirect,
        "portal",
        "the login page does not appear: the internet opens without it",
    ),
    "the portal is dead": (
        portal_gone,
        Village.capture,
        "portal",
        "the login page does not appear: 198.51.100.1:80 refuses the connection",
    ),
    "the login page has no form": (
        portal("no form"),
        portal("form"),
        "portal",
        "the login page has no form",
    ),
    "the login page is an error": (
        portal("500"),
        portal("form"),
        "portal",
        "the login page answers HTTP 500",
    ),
    "the login page is a bill": (
        portal("bill"),
        portal("form"),
        "portal",
        f"{BILL} the login page",
    ),
    "the provider's bill, and no portal before it": (
        bill_and_no_redirect,
        all_well,
        "portal",
        f"{BILL} the login page",
    ),
    "the password is wrong": (
        password("warga:salah"),
        password("warga:desa"),
        "login",
        "the login fails: the login page comes again",
    ),
    "the provider's bill behind the login": (
        internet("bill"),
        internet("well"),
        "internet",
        f"{BILL} the internet",
    ),
    "another page behind the login": (
        internet("broken"),
        internet("well"),
        "internet",
        "another page comes instead of the internet: connectivitycheck.gstatic.com (HTTP 502)",
    ),
    "the line is dead behind the login": (
        no_way_out,
        way_out,
        "internet",
        "signed in, but no internet: ",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_step_is_named_and_its_repair_is_seen(village: Village, name: str) -> None:
    harm, mend, step, reason = CASES[name]
    try:
        harm(village)
        village.wait(lambda: village.look(**LOGIN).broken == [step])
        seen = village.look(**LOGIN)
    finally:
        mend(village)
    assert seen.verdict == "bad"
    assert seen.reason.startswith(reason)
    assert seen.known == ALL[: ALL.index(step) + 1], "what lies behind is unknown, not bad"
    assert seen.suspended == ("bill" in name)
    village.wait(lambda: village.look(**LOGIN) == Look(GOOD, "", dict.fromkeys(ALL, 1.0), False))


def test_asking_for_an_address_takes_none(village: Village) -> None:
    before = (village.folder / "leases").read_text()
    log = village.folder / "dnsmasq.txt"
    lines = len(log.read_text().splitlines())
    for _ in range(5):
        assert village.look(**PORTAL).steps["dhcp"] == 1
    assert (village.folder / "leases").read_text() == before
    told = [line for line in log.read_text().splitlines()[lines:] if "dnsmasq-dhcp" in line]
    discovers = [line.split("DHCPDISCOVER")[1] for line in told if "DHCPDISCOVER" in line]
    assert len(discovers) == 5
    assert len(set(discovers)) == 1, "always the same client"
    assert not [line for line in told if "DHCPREQUEST" in line]


def test_who_does_not_sign_in_goes_as_far_as_the_form(village: Village) -> None:
    seen = village.look()
    assert (seen.verdict, seen.known, seen.broken) == (GOOD, ["dhcp", "dns", "portal"], [])


def test_a_portal_of_routeros_is_answered_as_its_script_would(village: Village) -> None:
    village.mode("portal", "chap")
    assert village.look(**LOGIN).steps == dict.fromkeys(ALL, 1.0)
    village.mode("portal", "form")


@pytest.mark.parametrize(
    ("mode", "verdict", "step"),
    [("abroad", "unknown", None), ("abroad after", "bad", 0.0)],
    ids=["a form that sends elsewhere", "a portal that sends the password on"],
)
def test_a_password_goes_to_no_foreign_host(
    village: Village, mode: str, verdict: str, step: float | None
) -> None:
    village.mode("portal", mode)
    seen = village.look(**LOGIN)
    village.mode("portal", "form")
    assert (seen.verdict, seen.steps["login"]) == (verdict, step)
    assert not (village.folder / "internet.stolen").exists()


def test_no_login_without_a_password(village: Village) -> None:
    (village.folder / "logins/10.77.0.1").unlink()
    seen = village.look(**LOGIN)
    village.password("10.77.0.1", "warga:desa")
    assert (seen.verdict, seen.known, seen.broken) == ("unknown", ["dhcp", "dns", "portal"], [])
    assert seen.reason.startswith("no login for 10.77.0.1")


def test_an_exempt_machine_sees_portal_and_internet(village: Village) -> None:
    exempt = {**PORTAL, "exempt": True}
    led = village.look(**exempt)
    assert (led.broken, led.reason) == (
        ["internet"],
        "this machine is to be exempt, and is led to the login page",
    )
    address = village.leased()
    words = "element", "ip", "hotspot", "guests", f"{{ {address} }}"
    village.gate.run("nft", "add", *words)
    seen = village.look(**exempt)
    village.mode("portal", "500")
    broken = village.look(**exempt)
    village.mode("portal", "form")
    village.gate.run("nft", "delete", *words)
    assert (seen.verdict, seen.steps["login"]) == (GOOD, None)
    assert seen.known == ["dhcp", "dns", "portal", "internet"]
    assert (broken.broken, broken.steps["internet"]) == (["portal"], 1.0)


def test_an_agent_without_rights_says_so_and_goes_on(village: Village) -> None:
    seen = village.look_without_rights(**PORTAL)
    assert seen.verdict == "unknown"
    assert seen.reason == "no right to ask DHCP on eth0: it takes CAP_NET_RAW"
    assert (seen.known, seen.broken) == (["dns", "portal"], [])
    assert village.look_without_rights(dhcp=False, **PORTAL).verdict == GOOD


def test_where_port_68_is_free_for_all_no_right_is_needed(village: Village) -> None:
    setting = "net.ipv4.ip_unprivileged_port_start"
    village.guest.run("sysctl", "-qw", f"{setting}=0")
    seen = village.look_without_rights(**PORTAL)
    village.guest.run("sysctl", "-qw", f"{setting}=1024")
    assert (seen.verdict, seen.steps["dhcp"]) == (GOOD, 1.0)


def test_the_line_of_the_office_does_not_take_the_hotspots_place(village: Village) -> None:
    """Beside its own, better line the machine sees the portal; without a route it sees nothing."""
    village.guest.cable("office", village.net, "office")
    village.guest.run("ip", "addr", "add", "203.0.114.2/24", "dev", "office")
    village.net.run("ip", "addr", "add", "203.0.114.1/24", "dev", "office")
    route = "default", "via", "10.77.0.1", "dev", "eth0"
    village.guest.run("ip", "route", "del", *route)
    village.guest.run("ip", "route", "add", *route, "metric", "2000")
    village.guest.run("ip", "route", "add", "default", "via", "203.0.114.1", "metric", "100")
    beside = village.look(**LOGIN)
    office = village.look(interface="office", dhcp=False, server="198.51.100.1")
    village.guest.run("ip", "route", "del", *route, "metric", "2000")
    without = village.look(**LOGIN)
    village.guest.run("ip", "link", "del", "office")
    village.guest.run("ip", "route", "add", *route)
    assert (beside.verdict, beside.steps) == (GOOD, dict.fromkeys(ALL, 1.0))
    assert office.broken == ["dns"], "another interface, another way"
    assert (without.verdict, without.known) == ("unknown", ["dhcp"])
    assert without.reason == "this machine has no address or no default route on eth0"


def test_a_person_in_the_village_hall_sees_how_far_it_goes(village: Village) -> None:
    def probe(*more: str) -> list[str]:
        words = "-m", "agent.cli", "probe", "journey", "--interface", "eth0", *more
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = village.guest.words(sys.executable, *words)
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
        return [" ".join(line.split()) for line in done.stdout.splitlines()] + [
            str(done.returncode)
        ]

    well = probe("--portal", PORTAL["portal"])
    assert well[0].startswith("dhcp ok 10.77.0.")
    assert well[1:] == [
        "dns ok connectivitycheck.gstatic.com is 198.51.100.1",
        "portal ok http://10.77.0.1:8080/login",
        "login -",
        "internet -",
        "good",
        "0",
    ]
    village.mode("portal", "no form")
    broken = probe()
    village.mode("portal", "form")
    assert broken[2] == "portal BROKEN the login page has no form"
    assert broken[-2:] == ["bad: the login page has no form", "1"]


def test_an_interface_that_is_not_there_is_unknown(village: Village) -> None:
    seen = village.look(interface="wlan9")
    assert (seen.verdict, seen.reason, seen.known) == ("unknown", "no interface wlan9", [])
    village.gate.run("ip", "link", "set", "lan0", "down")
    # the kernel tells of a link with a second's delay
    village.wait(lambda: village.look() == Look("unknown", "no link on eth0", NOTHING, False))
    village.gate.run("ip", "link", "set", "lan0", "up")
    village.wait(lambda: village.look().verdict == GOOD)
