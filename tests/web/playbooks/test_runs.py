"""Runs: the list, one of them as it goes on, the second person, and the stop."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks.states import HostState, RunState
from tests.web.conftest import NOW, OTHER, SITE, Visitor
from tests.web.playbooks.conftest import Field
from tests.web.test_pages import text_of

pytestmark = pytest.mark.slow

RED = {"playbook": "uji-nyala", "level": "red"}


def test_a_run_shows_each_step_with_what_it_printed(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE)
    field.begin(number)
    (host,) = field.hosts(number)
    field.step(host, 1, "precheck", "uci show network", output="network.wan=interface\n<b>")
    field.step(host, 2, "guard", "arm", output="ronda-guard armed")
    field.guarded(host, NOW + 240)
    field.step(host, 3, "do", "uci set network.wan.dns='9.9.9.9'")
    page = signed_in("viewer").page(f"/playbooks/runs/{number}")
    text = text_of(page)
    assert "periksa dulu selesai" in text and "network.wan=interface" in text
    assert "&lt;b&gt;" in page
    assert "minta perangkat mengembalikan sendiri" in text
    assert "kerjakan berjalan" in text and "16.11.20" in text
    assert "Pengembalian otomatis terpasang sampai 16.16 WIB" in text
    assert "<button" not in page.partition('id="part-hero"')[2].partition("<footer")[0]


def test_an_interrupted_run_says_where_and_until_when(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE)
    field.begin(number)
    (host,) = field.hosts(number)
    field.step(host, 4, "do", "service network reload")
    field.guarded(host, NOW + 300)
    field.leave(host, "interrupted at step 4")
    text = text_of(signed_in("noc").page(f"/playbooks/runs/{number}"))
    assert "Terputus di langkah 4, pengembalian otomatis terpasang sampai 16.17 WIB" in text
    assert "menanyakan keadaannya" in text.lower()


def test_a_time_that_is_over_is_not_said_to_be_armed(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE)
    field.begin(number)
    (host,) = field.hosts(number)
    field.guarded(host, NOW - 10)
    text = text_of(signed_in("noc").page(f"/playbooks/runs/{number}"))
    assert "Waktu pengembalian otomatisnya habis pukul 16.11 WIB" in text


ENDINGS = [
    (HostState.DONE, "", "Berhasil"),
    (HostState.ROLLED_BACK, "step 5: has not reported since", "Langkah 5: belum melapor"),
    (
        HostState.UNKNOWN,
        "step 3: holds; not known whether it was undone: the net is silent",
        "tidak diketahui apakah sudah dikembalikan: pengaman balik tidak menjawab",
    ),
    (HostState.BLOCKED, "blocked: the site runs on its battery", "memakai baterai"),
]


@pytest.mark.parametrize(("state", "reason", "says"), ENDINGS)
def test_how_it_ended_is_said_in_words(
    state: HostState, reason: str, says: str, field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE)
    field.begin(number)
    field.end(number, state, reason, "done" if state is HostState.DONE else "failed")
    assert says in text_of(signed_in("noc").page(f"/playbooks/runs/{number}"))


def test_a_long_output_is_a_click_away(field: Field, signed_in: Callable[..., Visitor]) -> None:
    number = field.run(SITE)
    field.begin(number)
    (host,) = field.hosts(number)
    field.step(host, 1, "do", "logread", output="x" * 5000)
    browser = signed_in("noc")
    page = browser.page(f"/playbooks/runs/{number}")
    assert "x" * 4000 in page and "x" * 4001 not in page
    path = f"/playbooks/runs/{number}/output?site={SITE}&device=router&step=1"
    assert path.replace("&", "&amp;") in page
    answer = browser.get(path)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.get_data(as_text=True) == "x" * 5000


def test_of_many_devices_only_trouble_is_open(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    codes = [f"35.10.06.30{n:02d}" for n in range(60)]
    for code in codes:
        regency.site(code, f"Desa {code[-2:]}", "normal")
    number = field.run(*codes)
    field.begin(number)
    browser = signed_in("noc", ["35.10.06"])
    first = text_of(browser.page(f"/playbooks/runs/{number}"))
    assert "Berjalan 60" in first and "halaman 1 dari 2" in first
    field.end(number, HostState.DONE)
    page = browser.page(f"/playbooks/runs/{number}?page=2")
    assert page.count("Semua langkah") == 10


def test_of_devices_elsewhere_only_their_number_is_told(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE, OTHER)
    text = text_of(signed_in("noc", ["35.10.06"]).page(f"/playbooks/runs/{number}"))
    assert "1 di luar wilayah Anda" in text and "Bayu" not in text


def test_a_second_person_lets_it_begin(field: Field, signed_in: Callable[..., Visitor]) -> None:
    number = field.proposed("uji-nyala", SITE)
    browser = signed_in("noc")
    assert "Menunggu orang kedua" in text_of(browser.page("/playbooks"))
    here = f"/playbooks/runs/{number}"
    assert browser.post(f"{here}/approve", here).headers["Location"] == here
    run = field.get(number)
    assert (run.state, run.approved_by) == (RunState.WAITING, "noc.a")
    text = text_of(browser.page(here))
    assert "Disetujui: langsung dimulai." in text and "Disetujui oleh noc.a, 16.12 WIB" in text
    again = browser.post(f"{here}/approve", here)
    assert "sudah tidak menunggu" in browser.page(again.headers["Location"])


@pytest.mark.parametrize("meanwhile", ["the device", "the playbook"])
def test_nobody_approves_what_is_another_plan_by_now(
    field: Field, library: Path, signed_in: Callable[..., Visitor], meanwhile: str
) -> None:
    number = field.proposed("uji-nyala", SITE)
    if meanwhile == "the device":
        field.host(SITE, address="192.0.2.8")
    else:
        file = library / "uji-nyala.yml"
        file.write_text(file.read_text().replace("- reboot", "- reboot -f"))
    browser = signed_in("noc")
    here = f"/playbooks/runs/{number}"
    browser.post(f"{here}/approve", here)
    assert field.get(number).state is RunState.PROPOSED
    assert "lihat rencananya, lalu minta lagi" in text_of(browser.page(here))


def test_a_second_person_is_told_what_would_hold_it_back_now(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.proposed("uji-nyala", SITE)
    browser = signed_in("noc")
    held = "ditahan: lokasi ini tidak sedang dalam jadwal pemeliharaan"
    assert held in text_of(browser.page(f"/playbooks/runs/{number}"))
    assert held not in text_of(browser.page(f"/playbooks/runs/{field.run(SITE, **RED)}"))


def test_a_second_person_can_see_the_commands_first(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    field.host(SITE)
    number = field.run(SITE, state=RunState.PROPOSED, by="rian", **RED)
    browser = signed_in("noc")
    page = browser.page(f"/playbooks/runs/{number}")
    found = re.search(r'href="(/playbooks/uji-nyala[^"]*)"', page)
    assert found is not None and "Tampilkan rencana" in text_of(page)
    assert "reboot" in text_of(browser.page(html.unescape(found[1])))


def test_it_is_stopped_once_and_says_by_whom(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = field.run(SITE, OTHER)
    browser = signed_in("technician")
    here = f"/playbooks/runs/{number}"
    browser.post(f"{here}/stop", here)
    assert field.get(number).state is RunState.STOPPED
    assert {host.state for host in field.hosts(number)} == {HostState.SKIPPED}
    text = text_of(browser.page(here))
    assert "Dihentikan oleh technician.a" in text
    again = browser.post(f"{here}/stop", here)
    assert "sudah tidak menunggu" in browser.page(again.headers["Location"])


FILTERS = [
    ("", ["#3", "#2", "#1"]),
    ("?state=stopped", []),
    ("?state=proposed", ["#2"]),
    ("?playbook=uji-nyala", ["#2"]),
    (f"?site={OTHER}", ["#3"]),
    (f"?site={OTHER}&state=waiting&playbook=uji-dns", ["#3"]),
]


@pytest.mark.parametrize(("query", "found"), FILTERS)
def test_runs_are_found_by_state_playbook_and_site(
    query: str, found: list[str], field: Field, signed_in: Callable[..., Visitor]
) -> None:
    field.run(SITE)
    field.run(SITE, state=RunState.PROPOSED, **RED)
    field.run(OTHER)
    page = signed_in("viewer").page(f"/playbooks/runs{query}")
    assert [f"#{n}" for n in (3, 2, 1) if f'/playbooks/runs/{n}"' in page] == found


def test_runs_of_other_areas_are_not_listed(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    field.run(SITE)
    field.run(OTHER)
    page = signed_in("village", [SITE]).page("/playbooks/runs")
    assert "/playbooks/runs/1" in page and "/playbooks/runs/2" not in page


def test_a_long_list_is_leafed_through(field: Field, signed_in: Callable[..., Visitor]) -> None:
    for _ in range(51):
        field.run(SITE)
    browser = signed_in("noc")
    assert "halaman 1 dari 2" in browser.page("/playbooks/runs")
    page = browser.page("/playbooks/runs?page=2")
    assert '/playbooks/runs/1"' in page and '/playbooks/runs/2"' not in page
