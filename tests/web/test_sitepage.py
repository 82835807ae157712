"""The page of one site: lines, light, wifi, checks, devices, notes, and “probe now”."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select

from collector import schema, vocabularies
from collector.db import reading, writing
from tests.web.test_pages import text_of

pytestmark = pytest.mark.slow

NOW = 1795425120.0
HOUR, DAY = 3600.0, 86400.0
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"
DOWN = 'ronda_uplink_measured_bits_per_second{direction="receive",uplink="main"}'
LIGHT = 'ronda_uplink_optical_rx_dbm{interface="sfp1"}'


def put(store: Engine, table: Any, **values: Any) -> None:
    with writing(store) as connection:
        connection.execute(insert(table).values(**values))


@pytest.fixture
def site(regency: Any, store: Engine) -> str:
    regency.site(SITE, "Benculuk")
    regency.state(SITE, "normal", NOW - 40 * DAY)
    line = {"isp": "Telkom", "service_no": "1315", "isp_phone": "+62188", "sla": 99.0}
    put(store, schema.uplinks, site=SITE, name="main", mbps=150.0, ends="2026-11-25", **line)
    return SITE


def test_a_page_asks_no_more_than_it_did(
    site: str, store: Engine, signed_in: Callable[..., Any]
) -> None:
    reader = signed_in("noc")
    reader.page(f"/sites/{site}")
    asked: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *told: asked.append(told[2]))
    reader.page(f"/sites/{site}")
    # three of them about remote actions: devices, runs there, their first sites
    assert len(asked) <= 33


def every(step_s: float, back_s: float) -> list[float]:
    return [NOW - back_s + step_s * n for n in range(int(back_s / step_s))]


def test_a_contract_is_held_against_what_is_measured(
    site: str, numbers: Any, signed_in: Callable[..., Any]
) -> None:
    numbers.put(DOWN, every(HOUR, 20 * HOUR), [18e6] * 20)
    page = signed_in("noc").page(f"/sites/{site}")
    text = text_of(page)
    assert "150 Mbps SLA 99,0%" in text
    assert "18,0 Mbps (12%) 1 j 00 mnt lalu" in text
    assert "18,0 Mbps dari kontrak 150 Mbps (12%) minimal 75,0 Mbps" in text
    assert "kontrak habis 2 hari lagi" in text
    assert 'class="contract"' in page
    assert 'class="limit"' in page


@pytest.mark.parametrize(
    ("override", "told"),
    [(None, "minimal −27 dBm"), (-24.0, "minimal −24 dBm")],
    ids=["of all", "of this district"],
)
def test_light_is_held_against_its_threshold(
    override: float | None,
    told: str,
    site: str,
    numbers: Any,
    store: Engine,
    signed_in: Callable[..., Any],
) -> None:
    numbers.put(LIGHT, every(HOUR, 20 * HOUR), [-25.5] * 20)
    if override is not None:
        row = {"rule": "UplinkOpticalLow", "scope": "35.10.06", "threshold": override}
        put(store, schema.overrides, **row)
    page = signed_in("noc").page(f"/sites/{site}")
    assert told in text_of(page)
    assert ('<b class="slow">−25,5 dBm' in page) is (override is not None)


def test_bytes_are_counted_against_the_quota(
    site: str, numbers: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    put(store, schema.uplinks, site=SITE, name="lte1", isp="Orbit", quota_gb=50.0)
    counter = 'ronda_uplink_receive_bytes_total{interface="lte1"}'
    times = every(HOUR, 10 * HOUR)
    numbers.put(counter, times, [1e12 + 1e9 * n for n in range(10)])
    assert "9,0 GB dari 50,0 GB (18%)" in text_of(signed_in("noc").page(f"/sites/{site}"))


@pytest.mark.parametrize("span", ["1h", "24h", "7d", "30d", "90d"])
def test_every_stretch_of_time_is_drawn(
    span: str, site: str, numbers: Any, signed_in: Callable[..., Any]
) -> None:
    numbers.put(LIGHT, every(600, 30 * DAY), [-21.0] * 4320)
    page = signed_in("noc").page(f"/sites/{site}?range={span}")
    assert 'class="now" d="M' in page
    answer = signed_in("admin").get(
        f"/sites/{site}/series.json", query_string={"name": LIGHT, "from": NOW - 30 * DAY}
    )
    assert 500 < len(answer.json["times"]) <= 720


def test_wifi_is_shown_by_hour_and_day(
    site: str, numbers: Any, signed_in: Callable[..., Any]
) -> None:
    times = every(900, 3 * DAY)
    clients = 'ronda_wifi_clients{ap="pendopo",ssid="desa"}'
    # 16.12 in the village is 9.12 UTC
    hours = [((t / 3600) + 7) % 24 for t in times]
    numbers.put(clients, times, [30.0 if 19 <= h < 21 else 5.0 for h in hours])
    numbers.put('ronda_wifi_up{ap="pendopo",ssid="desa"}', times, [1.0] * len(times))
    page = signed_in("noc").page(f"/sites/{site}")
    text = text_of(page)
    assert "5 pengguna sekarang; kemarin paling banyak 30 pukul 19" in text
    assert "pendopo 15 mnt lalu Normal 5" in text
    heat = re.findall(r'class="(h\d)" d="([^"]+)"', page)
    cells = {kind: path.count("M") for kind, path in heat}
    assert cells["h4"] == 6
    assert sum(cells.values()) in (72, 73)


def test_devices_of_the_inventory_and_of_reports(
    site: str, numbers: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    put(store, schema.devices, site=site, name="router", kind="router", serial="HEX1")
    put(store, schema.devices, site=site, name="ont", kind="ont")
    numbers.put('ronda_device_up{device="router"}', [NOW - 60], [1.0])
    numbers.put('ronda_device_uptime_seconds{device="router"}', [NOW - 60], [18060.0])
    numbers.put('ronda_device_up{device="ap-9"}', [NOW - HOUR], [0.0])
    numbers.put('ronda_power_on_mains{ups="kantor"}', [NOW - 60], [0.0])
    text = text_of(signed_in("noc").page(f"/sites/{site}"))
    assert "router HEX1 Normal 5 j 01 mnt" in text
    assert "ont Tidak diketahui -" in text
    assert "ap-9 Gangguan 1 j 00 mnt lalu" in text
    assert "kantor memakai baterai" in text


def test_a_check_shows_its_last_day(
    site: str, regency: Any, store: Engine, signed_in: Callable[..., Any]
) -> None:
    regency.check(site, "opensid", "good", since=NOW - 6 * HOUR)
    for at, verdict in ((NOW - 2 * DAY, "good"), (NOW - 12 * HOUR, "bad")):
        row = {"site": site, "check": "opensid", "at": at, "verdict": verdict, "rev": 1}
        put(store, schema.verdicts, **row)
    page = signed_in("noc").page(f"/sites/{site}").split('id="part-checks"')[1]
    strip = dict(re.findall(r'class="(\w)" d="([^"]+)"', page.split("</table>")[0]))
    assert strip == {"n": "M0 28v-4h240v4zM360 28v-4h120v4z", "d": "M240 28v-28h120v28z"}


def test_incidents_of_the_site_open_ones_first(
    site: str, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.incident("Internet putus", site, state="resolved", resolved_at=NOW, cause="power")
    regency.incident("POP Srono mati", sites=[site, OTHER], down_since=NOW - 2 * HOUR)
    regency.incident("di tempat lain", OTHER)
    text = text_of(signed_in("noc").page(f"/sites/{site}"))
    assert text.index("POP Srono mati belum ada yang menangani") < text.index("Internet putus")
    assert "pulih, 15.12, 1 j 00 mnt, listrik padam, dugaan" in text
    assert "di tempat lain" not in text


def test_a_number_that_is_old_says_so(
    site: str, numbers: Any, signed_in: Callable[..., Any]
) -> None:
    numbers.put("ronda_host_load1", [NOW - 3 * HOUR], [0.4])
    numbers.put("ronda_host_cpu_ratio", [NOW - 30], [0.2])
    text = text_of(signed_in("noc").page(f"/sites/{site}"))
    assert "Beban 0,4 3 j 00 mnt lalu" in text
    assert "Prosesor 20,0% 0" not in text


def test_a_note_is_written_changed_and_its_past_shown(
    site: str, signed_in: Callable[..., Any], store: Engine
) -> None:
    browser = signed_in("village", [SITE])
    where = f"/sites/{site}"
    assert browser.post(f"{where}/notes", where, text="Kunci <di> Pak Carik").status_code == 303
    assert browser.post(f"{where}/notes", where, note="1", text="Kunci di Bu Carik").status_code
    page = browser.page(where)
    assert "Kunci di Bu Carik" in page
    assert "Kunci &lt;di&gt; Pak Carik" in page
    assert "1 teks sebelumnya" in page
    with reading(store) as connection:
        told = connection.execute(select(schema.acts.c.verb, schema.acts.c.by)).all()
    assert told == [("note", "village.a"), ("note", "village.a")]
    browser.post(f"{where}/notes", where, text=" ")
    assert "Tidak dicatat: belum diisi" in browser.page(where)


REFUSED = [
    ("viewer", [], SITE, "notes", 403),
    ("viewer", [], SITE, "probe", 403),
    ("village", [OTHER], SITE, "notes", 404),
    ("technician", ["35.11"], SITE, "probe", 404),
    ("noc", [], "35.10.99.2001", "probe", 404),
]


@pytest.mark.parametrize(("role", "areas", "code", "what", "status"), REFUSED)
def test_who_may_not(
    role: str,
    areas: list[str],
    code: str,
    what: str,
    status: int,
    site: str,
    signed_in: Callable[..., Any],
    store: Engine,
) -> None:
    answer = signed_in(role, areas).post(f"/sites/{code}/{what}", "/sites/", text="x")
    assert answer.status_code == status
    with reading(store) as connection:
        assert connection.execute(select(schema.acts)).all() == []


def test_a_note_of_another_site_is_not_changed(
    site: str, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(OTHER, "Bayu", "normal")
    browser = signed_in("noc")
    browser.post(f"/sites/{OTHER}/notes", "/sites/", text="milik Bayu")
    browser.post(f"/sites/{site}/notes", "/sites/", note="1", text="diganti")
    assert "milik Bayu" in browser.page(f"/sites/{OTHER}")
    assert browser.post(f"/sites/{site}/notes", "/sites/", note="x", text="a").status_code == 404


def agent(store: Engine, site: str) -> None:
    put(store, schema.agents, site=site, state="active", enrolled_at=NOW, rev=1)


def test_probe_now_is_asked_waited_for_and_answered(
    site: str, store: Engine, numbers: Any, clock: Any, signed_in: Callable[..., Any]
) -> None:
    agent(store, site)
    numbers.put("ronda_host_load1", [NOW - 30], [0.4])
    browser, where = signed_in("technician"), f"/sites/{site}"
    assert browser.post(f"{where}/probe", where).status_code == 303
    text = text_of(browser.page(where))
    assert "Diminta memeriksa pukul 16.12.00 oleh technician.a. Menunggu agen." in text
    browser.post(f"{where}/probe", where)
    assert "Sudah diminta" in browser.page(where)
    with reading(store) as connection:
        bodies = connection.execute(select(schema.acts.c.body)).scalars().all()
    assert [json.loads(body) for body in bodies] == [{"agent": 1, "do": ["probe_now"]}]
    clock.now += 60
    numbers.put("ronda_host_load1", [NOW - 30, NOW + 29, NOW + 33], [0.4, 0.4, 0.4])
    assert "Sudah dijawab: diukur pukul 16.12.33." in text_of(browser.page(where))
    clock.now += HOUR
    assert "Diminta memeriksa" not in browser.page(where)


def test_an_agent_that_does_not_answer_is_said(
    site: str, store: Engine, clock: Any, signed_in: Callable[..., Any]
) -> None:
    browser, where = signed_in("noc"), f"/sites/{site}"
    browser.post(f"{where}/probe", where)
    assert "tidak punya agen yang bisa diminta" in browser.page(where)
    agent(store, site)
    browser.post(f"{where}/probe", where)
    clock.now += 181
    assert "Agen belum menjawab." in text_of(browser.page(where))
    assert browser.post(f"{where}/probe", where).status_code == 303
    assert "Menunggu agen." in text_of(browser.page(where))


def test_a_script_is_not_asked_and_that_is_said(
    site: str, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser, where = signed_in("noc"), f"/sites/{site}"
    agent(store, site)
    with writing(store) as connection:
        vocabularies.tell_form(connection, 1, lines=True)
    browser.post(f"{where}/probe", where)
    assert "skrip di router, yang tidak bisa disuruh" in browser.page(where)
    with reading(store) as connection:
        assert not connection.execute(select(schema.acts.c.body)).scalars().all()


def test_who_looks_on_has_no_buttons_and_no_numbers(
    site: str, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.contact(site, "Agus", "village", whatsapp="+6281200000151")
    page = signed_in("viewer").page(f"/sites/{site}")
    assert "tel:" not in page
    assert "Periksa sekarang" not in page
    acting = signed_in("noc").page(f"/sites/{site}")
    assert 'href="tel:+62188"' in acting
    assert "sebut 1315" in text_of(acting)


def test_nothing_that_is_replaced_while_somebody_writes_holds_a_form(
    site: str, signed_in: Callable[..., Any]
) -> None:
    """A form token differs in every answer: its part would be replaced each time, words and all."""
    browser = signed_in("noc")
    browser.post(f"/sites/{site}/notes", f"/sites/{site}", text="satu")
    pages = [browser.page(f"/sites/{site}") for _ in range(2)]
    parts = [re.split(r"<(?:section|div)[^>]* data-part", page)[1:] for page in pages]
    assert len(parts[0]) >= 4
    assert [part.split("<form")[0] for part in parts[0]] == [
        part.split("<form")[0] for part in parts[1]
    ]
    hero = pages[0].split('id="part-hero"')[1].split('id="f-probe"')[0]
    assert "form_token" not in hero
    assert 'form="f-probe"' in hero


def test_an_old_code_leads_to_the_new_one_for_who_may_see_it(
    regency: Any, signed_in: Callable[..., Any], store: Engine
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    old = "35.10.05.2009"
    put(store, schema.aliases, old=old, new=SITE, at=NOW)
    noc, other = signed_in("noc"), signed_in("technician", ("35.10.11",))
    answer = noc.get(f"/sites/{old}")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/sites/{SITE}")
    assert noc.get(f"/search?q={old}").headers["Location"] == f"/sites/{SITE}"
    assert other.get(f"/sites/{old}").status_code == 404
    assert SITE not in other.get(f"/search?q={old}").get_data(as_text=True)
