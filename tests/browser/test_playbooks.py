"""A playbook from its plan to its end: at a desk, on a phone, by keyboard, without script.

There is no device: what the engine would write is written by hand.
"""

import base64
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from collector.db import writing
from playbooks import schedules
from playbooks.schedules import Schedule
from playbooks.states import HostState, RunState
from tests.browser.conftest import Console
from tests.browser.seeds import DOWN, OTHER, SITE
from tests.web.playbooks.conftest import Field, shelved

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}
PLAN = f"/playbooks/uji-dns?site={SITE}"
# as wide as a real one
KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"k" * 32).decode()
RED = {"playbook": "uji-nyala", "level": "red"}


@pytest.fixture(scope="module")
def engine(console: Console) -> Field:
    """Routers of three villages, and the hands of an engine."""
    shelved(console.data.settings)
    made = Field(console.data.settings, console.data.store, time.time())
    for site in (SITE, DOWN, OTHER):
        made.host(site, host_keys=(KEY,))
    with writing(console.data.store) as connection:
        daily = Schedule("uji-dns", {"server": "9.9.9.9"}, SITE, "02.30", "Asia/Jakarta", "putri")
        schedules.add(connection, daily, time.time())
    return made


def narrow(page: Page) -> bool:
    """Does the page fit its window, with nothing to push aside?"""
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fits


def test_from_the_plan_to_the_end_it_is_seen_as_it_happens(
    console: Console, engine: Field, open_as: Callable[..., Page]
) -> None:
    page = open_as("rian", viewport={"width": 1366, "height": 768})
    page.goto(f"/sites/{SITE}")
    page.get_by_role("link", name="Ganti DNS").click()
    expect(page.locator("code", has_text="uci set network.wan.dns=9.9.9.9")).to_be_visible()
    page.get_by_role("button", name="Jalankan sekarang").click()
    page.wait_for_url(re.compile(r"/playbooks/runs/\d+$"))
    number = int(page.url.rpartition("/")[2])
    expect(page.locator("#part-hero")).to_contain_text("Menunggu")
    now = replace(engine, now=time.time())
    now.begin(number)
    (host,) = now.hosts(number)
    now.step(host, 1, "do", "uci set network.wan.dns=9.9.9.9", output="selesai-ditulis")
    expect(page.locator("#part-hosts")).to_contain_text("selesai-ditulis")
    now.guarded(host, time.time() + 300)
    expect(page.locator("#part-hosts")).to_contain_text("engembalian otomatis terpasang sampai")
    now.end(number, HostState.DONE)
    expect(page.locator("#part-hero")).to_contain_text("Berhasil")


def test_a_list_of_runs_hears_of_them(engine: Field, open_as: Callable[..., Page]) -> None:
    page = open_as("dewi")
    page.goto("/playbooks/runs")
    number = engine.run(DOWN)
    expect(page.locator("#part-runs")).to_contain_text(f"#{number}")


def test_a_whole_run_without_script(engine: Field, open_as: Callable[..., Page]) -> None:
    page = open_as("rian", java_script_enabled=False, viewport=PHONE)
    page.goto("/playbooks/uji-dns")
    page.get_by_label("Tambah desa").fill("tembok")
    page.get_by_role("button", name="Tampilkan rencana").click()
    page.get_by_label("Tembokrejo").check()
    page.get_by_role("button", name="Tampilkan rencana").click()
    page.get_by_role("button", name="Uji coba").click()
    page.wait_for_url(re.compile(r"/playbooks/runs/\d+$"))
    expect(page.locator("h1")).to_contain_text("uji coba")


def test_it_is_asked_for_by_keyboard(engine: Field, open_as: Callable[..., Page]) -> None:
    page = open_as("rian", viewport={"width": 1366, "height": 768})
    page.goto(PLAN)
    page.locator("#plan .scroll").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "run"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/playbooks/runs/\d+$"))


def test_another_person_approves_what_was_proposed(
    engine: Field, open_as: Callable[..., Page]
) -> None:
    page = open_as("rian", viewport=PHONE)
    page.goto(f"/playbooks/uji-nyala?site={OTHER}")
    page.get_by_role("button", name="Usulkan").click()
    page.wait_for_url(re.compile(r"/playbooks/runs/\d+$"))
    expect(page.get_by_text("orang lain yang harus menyetujui")).to_be_visible()
    assert page.get_by_role("button", name="Setujui").count() == 0
    other = open_as("dewi", viewport=PHONE)
    other.goto(page.url)
    other.get_by_role("button", name="Setujui").click()
    expect(other.locator("#part-hero")).to_contain_text("Disetujui oleh dewi")
    expect(page.locator("#part-hero")).to_contain_text("Disetujui oleh dewi")


def test_on_a_phone_every_command_of_a_plan_is_seen_whole(
    engine: Field, open_as: Callable[..., Page]
) -> None:
    page = open_as("rian", viewport=PHONE)
    page.goto(PLAN)
    hidden = "box => box.scrollWidth > box.clientWidth"
    assert not page.locator("#plan .scroll").first.evaluate(hidden)


def test_there_is_no_dry_run_of_what_looks_at_nothing_first(
    engine: Field, open_as: Callable[..., Page]
) -> None:
    page = open_as("rian", viewport=PHONE)
    page.goto(PLAN)
    expect(page.get_by_role("button", name="Uji coba")).to_have_count(1)
    page.goto(f"/playbooks/uji-lihat?site={SITE}")
    expect(page.get_by_role("button", name="Jalankan sekarang")).to_have_count(1)
    expect(page.get_by_role("button", name="Uji coba")).to_have_count(0)


@pytest.fixture(scope="module")
def finished(engine: Field) -> int:
    """A run that says something of everything."""
    number = engine.run(SITE, by="rian")
    engine.begin(number)
    (host,) = engine.hosts(number)
    long = "x" * 300
    engine.step(host, 1, "precheck", f"grep {long} /etc/config/network", output=long)
    engine.step(host, 2, "guard", "arm", output="ronda-guard armed")
    engine.step(host, 3, "verify", "heartbeat within 60 s", state="failed", reason="holds")
    engine.guarded(host, engine.now + 9999)
    engine.leave(host, "interrupted at step 3")
    return number


PAGES = [
    pytest.param("putri", "/playbooks", id="catalogue"),
    pytest.param("putri", "/playbooks/uji-dns", id="a plan without sites"),
    pytest.param("putri", f"{PLAN}&site={DOWN}&find=desa", id="a plan"),
    pytest.param("agus", f"/playbooks/uji-nyala?site={SITE}", id="a plan of others"),
    pytest.param("putri", f"{PLAN}&p.server=x", id="a plan that cannot be"),
    pytest.param("putri", f"/playbooks/uji-sandi?site={SITE}", id="a plan with a secret"),
    pytest.param("putri", f"/playbooks?site={SITE}", id="the catalogue of a site"),
    pytest.param("putri", "/playbooks/schedules", id="schedules"),
    pytest.param("putri", "/playbooks/schedules?playbook=uji-dns", id="another schedule"),
    pytest.param("putri", "/playbooks/runs", id="runs"),
    pytest.param("putri", "RUN", id="a run"),
    pytest.param("putri", "PROPOSED", id="a run to approve"),
    pytest.param("putri", "/playbooks/hosts", id="devices"),
    pytest.param("putri", f"/playbooks/hosts/edit?site={SITE}&device=router", id="a device"),
    pytest.param("putri", "/playbooks/hosts/edit", id="another device"),
    pytest.param("rian", f"/playbooks/archives/{SITE}", id="archives"),
    pytest.param("rian", f"/sites/{SITE}", id="a site"),
]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_has_no_barriers_and_fits_a_phone(
    look_as: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    engine: Field,
    finished: int,
    who: str,
    path: str,
) -> None:
    if path == "PROPOSED":
        path = f"/playbooks/runs/{engine.run(SITE, state=RunState.PROPOSED, **RED)}"
    page = look_as(who, viewport={"width": 1366, "height": 768})
    page.goto(f"/playbooks/runs/{finished}" if path == "RUN" else path)
    assert barriers(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []
    assert narrow(page)
