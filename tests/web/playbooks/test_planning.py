"""The plan of a playbook: who sees which commands, where, with what, and what is asked for."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from playbooks.states import RunState
from tests.web.conftest import HOUR, NOW, OTHER, SITE, Visitor
from tests.web.playbooks.conftest import BAD, DNS, Field
from tests.web.test_pages import text_of

pytestmark = pytest.mark.slow

PLAN = f"/playbooks/uji-dns?site={SITE}"


def ticked(page: str) -> list[str]:
    """The sites of the form that runs it, as they are sent."""
    form = page.partition('id="ask"')[2]
    return re.findall(r'name="site" value="([^"]+~[0-9a-f]+)" checked', form)


def ask(browser: Visitor, path: str, do: str = "run", **fields: str) -> Any:
    """Press a button of the plan, with what is ticked."""
    page = browser.page(path)
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    hidden = dict(
        re.findall(r'type="hidden" name="(p\.\w+|incident|device)" value="([^"]*)"', page)
    )
    assert token is not None
    data = {"form_token": token[1], "site": ticked(page), "do": do, **hidden, **fields}
    return browser.client.post(path, data=data)


def test_the_catalogue_says_level_platforms_danger_and_who_may_press(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    text = text_of(signed_in("village", [SITE]).page("/playbooks"))
    assert "Hijau aman, boleh TI desa" in text and "Kuning teknisi" in text
    assert "Merah teknisi dan orang kedua" in text
    assert "Ganti DNS uji-dns, perangkat bisa mengembalikan sendiri OpenWrt Warga terputus" in text
    assert "Nyalakan ulang uji-nyala, tidak bisa dikembalikan: Sudah menyala ulang" in text


def test_refused_files_are_shown_to_administrators(
    field: Field, library: Path, signed_in: Callable[..., Visitor]
) -> None:
    (library / "uji-rusak.yml").write_text(BAD)
    text = text_of(signed_in("admin").page("/playbooks"))
    assert "playbooks/uji-rusak.yml 2 level: &#39;blue&#39; is none of green, yellow, red" in text
    assert "uji-rusak" not in signed_in("noc").page("/playbooks")


def test_a_file_that_was_changed_is_read_again(
    field: Field, library: Path, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc")
    assert "Ganti DNS" in browser.page("/playbooks")
    (library / "uji-dns.yml").write_text(DNS.lstrip().replace("Ganti DNS", "Tukar DNS"))
    assert "Tukar DNS" in browser.page("/playbooks")


def test_a_plan_shows_the_exact_commands_the_way_back_and_the_time(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    text = text_of(signed_in("technician").page(PLAN))
    assert "uci set network.wan.dns=9.9.9.9" in text
    assert "kembalikan uci revert network" in text
    assert "perangkat mengembalikan sendiri setelah 4 mnt" in text
    assert "pusat menerima laporan lokasi dalam 1 mnt" in text
    assert "kosong: 9.9.9.9, sesuai perangkat ini" in text


def test_a_plan_in_english(field: Field, signed_in: Callable[..., Visitor]) -> None:
    browser = signed_in("technician")
    browser.post("/language", "/", language="en")
    text = text_of(browser.page(PLAN))
    assert "People are cut off for a moment" in text and "DNS server" in text
    assert "the centre sees a report of the site within 1 min" in text


def test_nothing_is_planned_before_somebody_chose_where(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("technician").page("/playbooks/uji-dns")
    assert "Pilih lokasi" in page and 'id="ask"' not in page


def test_a_village_is_found_and_added(field: Field, signed_in: Callable[..., Visitor]) -> None:
    page = signed_in("technician").page(f"{PLAN}&find=bayu")
    assert f'name="site" value="{OTHER}"' in page and "Bayu" in text_of(page)


def test_sites_with_equal_plans_are_shown_once(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("technician").page(f"{PLAN}&site={OTHER}")
    assert "OpenWrt, 2 perangkat" in text_of(page)
    assert [one.partition("~")[0] for one in ticked(page)] == [SITE, OTHER]


def test_a_whole_district_is_its_sites_with_a_fitting_device(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    regency.site("35.10.06.2006", "Tanpa Router", "normal")
    page = signed_in("technician").page("/playbooks/uji-dns?area=35.10.06")
    assert [one.partition("~")[0] for one in ticked(page)] == [SITE]
    assert "1 lokasi tidak punya perangkat yang cocok" in text_of(page)


SCENES = [
    pytest.param("down", {"cause": "power"}, "penyebab gangguannya listrik padam", id="cause"),
    pytest.param("down", {"cause": "fiber"}, "", id="another cause"),
    pytest.param("normal", {"cause": "power"}, "", id="a cause that is over"),
]


@pytest.mark.parametrize(("state", "more", "says"), SCENES)
def test_what_speaks_against_it_now_is_said(
    state: str,
    more: dict[str, str],
    says: str,
    field: Field,
    regency: Any,
    signed_in: Callable[..., Visitor],
) -> None:
    regency.site("35.10.06.2007", "Tegal", state)
    regency.state("35.10.06.2007", state, NOW - 60, **more)
    field.host("35.10.06.2007")
    page = signed_in("technician").page("/playbooks/uji-dns?site=35.10.06.2007")
    assert (says in page) if says else ("ditahan" not in page)
    assert bool(ticked(page)) is not bool(says)


def test_a_site_on_its_battery_is_left_alone(
    field: Field, numbers: Any, signed_in: Callable[..., Visitor]
) -> None:
    numbers.put('ronda_power_on_mains{ups="ups"}', [NOW - 30], [0.0])
    page = signed_in("technician").page(PLAN)
    assert "lokasi ini memakai baterai" in page and ticked(page) == []


def test_a_red_one_waits_for_a_window_and_a_second_person(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("technician")
    assert "tidak sedang dalam jadwal" in browser.page(f"/playbooks/uji-nyala?site={SITE}")
    regency.site("35.10.06.2008", "Kebaman", "maintenance")
    field.host("35.10.06.2008")
    answer = ask(browser, "/playbooks/uji-nyala?site=35.10.06.2008")
    assert answer.headers["Location"] == "/playbooks/runs/1"
    assert field.get(1).state is RunState.PROPOSED
    page = browser.page("/playbooks/runs/1")
    assert "orang lain yang harus menyetujui" in page and "/approve" not in page


def test_a_site_where_another_run_works_says_for_whom_it_waits(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    field.begin(field.run(SITE))
    assert "menunggu pekerjaan 1 di lokasi ini" in signed_in("technician").page(PLAN)


def test_it_is_asked_for_as_it_was_shown(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    number = regency.incident("Internet Benculuk", SITE)
    path = f"{PLAN}&p.server=1.1.1.1&p.tries=5&incident={number}"
    answer = ask(signed_in("technician"), path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/playbooks/runs/1")
    run = field.get(1)
    assert (run.playbook, run.by, run.dry) == ("uji-dns", "technician.a", False)
    assert (run.incident, dict(run.params)) == (number, {"server": "1.1.1.1", "tries": "5"})
    assert run.state is RunState.WAITING
    assert [(host.site, host.device) for host in field.hosts(1)] == [(SITE, "router")]


def test_an_incident_of_elsewhere_is_refused_like_none(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    elsewhere, browser = regency.incident("Internet Bayu", OTHER), signed_in("technician")
    for number in (elsewhere, 999, 2**40):
        answer = ask(browser, f"{PLAN}&incident={number}")
        said = f"Tidak ada gangguan {number} di lokasi-lokasi ini"
        assert answer.status_code == 422 and said in answer.get_data(as_text=True)


def test_a_dry_run_only_looks(field: Field, signed_in: Callable[..., Visitor]) -> None:
    ask(signed_in("technician"), PLAN, do="dry")
    assert field.get(1).dry


def test_a_dry_run_of_what_looks_at_nothing_first_is_refused(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    answer = ask(signed_in("technician"), f"/playbooks/uji-lihat?site={SITE}", do="dry")
    assert answer.status_code == 422
    assert "Tidak ada yang diperiksa sebelumnya" in answer.get_data(as_text=True)


def test_a_secret_is_asked_for_last_and_never_shown(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    browser, path = signed_in("technician"), f"/playbooks/uji-sandi?site={SITE}"
    assert "wireless.a.key=&#39;********&#39;" in browser.page(path).replace("&#34;", "&#39;")
    missing = ask(browser, path)
    assert missing.status_code == 422 and "Sandi: wajib diisi" in missing.get_data(as_text=True)
    answer = ask(browser, path, **{"p.sandi": "kopi tubruk 7"})
    assert answer.status_code == 303
    run = field.get(1)
    assert run.box is not None and "sandi" not in run.params
    text = browser.page("/playbooks/runs/1")
    assert "kopi tubruk" not in text and "********" in text


WRONG = [
    pytest.param("p.server=x", "server: harus alamat IP, bukan &#39;x&#39;", id="no address"),
    pytest.param("p.tries=0", "tries: minimal 1", id="too few"),
    pytest.param("p.tries=99", "tries: maksimal 9", id="too many"),
    pytest.param("p.server=1.1.1.1;reboot", "server: harus alamat IP", id="a command"),
    pytest.param("device=ap", "tidak cocok untuk uji-dns (openwrt)", id="no such device"),
]


@pytest.mark.parametrize(("query", "says"), WRONG)
def test_what_cannot_be_planned_says_why(
    query: str, says: str, field: Field, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("technician").page(f"{PLAN}&{query}")
    assert says in page and ticked(page) == []


def test_a_site_without_devices_hinders_no_other(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    regency.site("35.10.06.2006", "Tanpa Router", "normal")
    page = signed_in("technician").page(f"{PLAN}&site=35.10.06.2006")
    assert "<b>Tanpa Router</b>: belum ada perangkat yang disimpan" in page
    assert len(ticked(page)) == 1


def test_one_of_several_devices_is_chosen(field: Field, signed_in: Callable[..., Visitor]) -> None:
    field.host(SITE, "server", address="192.0.2.8")
    browser = signed_in("technician")
    assert "pilih salah satu: router, server" in browser.page(PLAN)
    ask(browser, f"{PLAN}&device=server")
    assert field.hosts(1)[0].device == "server"


CHANGES = [
    pytest.param("host", id="the device means something else by now"),
    pytest.param("file", id="the playbook was changed"),
    pytest.param("mark", id="nothing was shown at all"),
]


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_not_shown_is_not_run(
    what: str, field: Field, library: Path, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("technician")
    sites = ticked(browser.page(PLAN))
    if what == "host":
        field.host(SITE, values={"server": "8.8.8.8"})
    elif what == "file":
        (library / "uji-dns.yml").write_text(DNS.lstrip().replace("60s", "90s"))
    else:
        sites = [SITE]
    answer = browser.post("/playbooks/uji-dns", PLAN, site=sites[0], do="run")
    assert answer.status_code == 409
    assert "Ada yang berubah sejak rencana" in answer.get_data(as_text=True)


def test_no_site_ticked_is_said(field: Field, signed_in: Callable[..., Visitor]) -> None:
    answer = signed_in("technician").post("/playbooks/uji-dns", PLAN, do="run")
    assert answer.status_code == 422
    assert "Belum ada yang dipilih" in answer.get_data(as_text=True)


BUTTONS = [
    ("viewer", (), "uji-lihat", False),
    ("village", (SITE,), "uji-lihat", True),
    ("village", (SITE,), "uji-dns", False),
    ("technician", (), "uji-dns", True),
    ("technician", ("35.10.06",), "uji-nyala", True),
    ("noc", (), "uji-nyala", True),
    ("admin", (), "uji-lihat", True),
]


@pytest.mark.parametrize(("role", "areas", "name", "may"), BUTTONS)
def test_there_is_a_button_only_for_those_who_may(
    role: str,
    areas: Sequence[str],
    name: str,
    may: bool,
    field: Field,
    signed_in: Callable[..., Visitor],
) -> None:
    page = signed_in(role, areas).page(f"/playbooks/{name}?site={SITE}")
    assert ('name="do"' in page) is may
    assert ("Hak akses Anda tidak" in page) is not may


def test_the_time_of_a_run_is_the_sites_own(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    assert HOUR == 3600.0
    field.run(SITE)
    assert "16.11 WIB" in text_of(signed_in("viewer").page("/playbooks/runs/1"))
