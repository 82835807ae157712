"""Planned work, mutes, the rota and the handover as pages."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from alerts import duty, mutes, windows
from collector import acts, schema
from collector.db import reading, writing
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE
from tests.web.test_pages import text_of


@pytest.fixture
def cases(store: Engine, regency: Any) -> Cases:
    regency.site(SITE, "Benculuk", "down")
    regency.contact("*", "Dewi", "noc", whatsapp="+62833")
    regency.contact("35.10.06", "Rian", "district", whatsapp="+62844")
    return Cases(store)


WORK = {"scope": SITE, "title": "Ganti UPS", "begins": "2026-11-24T22:00", "minutes": "60",
        "mode": "skip", "repeats": "", "last_day": ""}  # fmt: skip


def standing(store: Engine) -> list[windows.Window]:
    with reading(store) as connection:
        return windows.standing(connection)


def test_work_is_planned_shown_and_cancelled(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("technician", ["35.10.06"])
    browser.post("/plans/windows", "/plans", **WORK)
    (made,) = standing(store)
    assert (made.scope, made.zone, made.by) == (f"site:{SITE}", "Asia/Jakarta", "technician.a")
    text = text_of(browser.page("/plans"))
    assert "Ganti UPS pemeliharaan, tidak ada yang diberi tahu 24 Nov 22.00 - 23.00 WIB" in text
    browser.post("/plans/windows/1/cancel", "/plans")
    assert standing(store) == []
    assert "Tidak ada pekerjaan terencana" in text_of(browser.page("/plans"))


@pytest.mark.parametrize(
    ("repeats", "kept"), [("daily", "daily"), ("weekly", "weekly:2"), ("monthly", "monthly:24")]
)
def test_work_comes_again_as_it_began(
    repeats: str, kept: str, cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    signed_in("noc").post("/plans/windows", "/plans", **WORK | {"repeats": repeats})
    assert standing(store)[0].repeats == kept


NOT = [
    pytest.param({"scope": ""}, "Tulis tempat", id="no place"),
    pytest.param({"scope": "moon:1"}, "Tulis tempat", id="a place that is none"),
    pytest.param({"title": " "}, "Tulis apa yang", id="no title"),
    pytest.param({"begins": "soon"}, "Tulis hari dan jam", id="no time"),
    pytest.param({"begins": "soon", "repeats": "weekly"}, "Tulis hari dan jam", id="no weekday"),
    pytest.param({"begins": "2020-01-01T10:00"}, "Tulis hari dan jam", id="in the past"),
    pytest.param({"minutes": "-1"}, "Tulis lamanya", id="no length"),
    pytest.param({"mode": "x"}, "Pilih apa yang", id="no mode"),
    pytest.param({"last_day": "x", "repeats": "daily"}, "Hari terakhir salah", id="no last day"),
]


@pytest.mark.parametrize(("fields", "says"), NOT)
def test_work_that_cannot_be_is_refused_in_words(
    fields: dict[str, str], says: str, cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    answer = browser.post("/plans/windows", "/plans", **WORK | fields)
    assert says in browser.page(answer.headers["Location"])
    assert standing(store) == []


@pytest.mark.parametrize("scope", [OTHER, "35.10", "rule:UplinkSlow", "upstream:POP", "incident:1"])
def test_nobody_silences_what_lies_outside_their_area(
    scope: str, cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc", ["35.10.06"])
    work = WORK | {"scope": scope, "mode": "mute"}
    assert browser.post("/plans/windows", "/plans", **work).status_code == 403
    mute = {"scope": scope, "hours": "1", "why": "x"}
    assert browser.post("/plans/mutes", "/plans", **mute).status_code == 403
    with writing(store) as connection:
        mutes.add(connection, "area:35.10.11", "theirs", "x", NOW, NOW + HOUR)
    assert browser.post("/plans/mutes/1/lift", "/plans").status_code == 403
    assert "theirs" not in browser.page("/plans")
    assert standing(store) == []


def test_a_mute_is_set_and_lifted_once(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    browser.post("/plans/mutes", "/plans", scope="35.10.06", hours="4", why="tim di lokasi")
    text = text_of(browser.page("/plans"))
    assert "35.10.06 23 Nov 20.12 tim di lokasi noc.a" in text and "area:" not in text
    browser.post("/plans/mutes/1/lift", "/plans")
    with reading(store) as connection:
        assert mutes.in_force(connection, NOW) == []
    again = browser.post("/plans/mutes/1/lift", "/plans")
    assert "sudah dibatalkan" in browser.page(again.headers["Location"])


@pytest.mark.slow
def test_who_mutes_an_incident_of_their_area_ends_that_mute(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    cases.open(SITE, "Benculuk", 5)
    browser = signed_in("noc", ["35.10.06"])
    browser.post("/incidents/1/mute", "/incidents/1", hours="4", why="tim di lokasi")
    page = browser.page("/plans")
    assert re.search(r"#1 .*23 Nov 20\.12 tim di lokasi noc\.a", text_of(page))
    assert "/plans/mutes/1/lift" in page
    assert browser.post("/plans/mutes/1/lift", "/plans").status_code == 303
    with reading(store) as connection:
        assert mutes.in_force(connection, NOW) == []


def test_who_sees_a_part_of_an_incident_is_told_of_its_mute_and_ends_it_not(
    cases: Cases, store: Engine, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(OTHER, "Bayu", "down")
    wide = regency.incident("POP Genteng", sites=[SITE, OTHER])
    signed_in("admin").post("/plans/mutes", "/plans", scope=f"incident:{wide}", hours="4", why="x")
    near, far = signed_in("noc", ["35.10.06"]), signed_in("technician", ["35.10.09"])
    page = near.page("/plans")
    assert f"#{wide}" in text_of(page)
    assert "/plans/mutes/1/lift" not in page
    assert near.post("/plans/mutes/1/lift", "/plans").status_code == 403
    assert f"#{wide}" not in text_of(far.page("/plans"))
    for scope in (f"incident:{wide}", "incident:99"):
        made = near.post("/plans/mutes", "/plans", scope=scope, hours="4", why="x")
        assert made.status_code == 403, scope


@pytest.mark.parametrize(
    ("who", "path"),
    [("viewer", "/plans/windows"), ("village", "/plans/windows"), ("technician", "/plans/mutes"),
     ("technician", "/plans/mutes/1/lift"), ("technician", "/duty"), ("viewer", "/duty/1/drop")],
)  # fmt: skip
def test_roles_that_may_not_are_refused(
    who: str, path: str, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    answer = signed_in(who, [SITE] if who == "village" else []).post(path, "/plans", **WORK)
    assert answer.status_code == 403
    assert "Hak akses Anda" in answer.text


def test_somebody_is_put_on_duty_and_taken_off(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    shift = {"person": "Dewi", "scope": "*", "day": "1", "begins": "07:00", "ends": "20:00"}
    browser.post("/duty", "/duty", **shift, first_day="", last_day="")
    text = text_of(browser.page("/duty"))
    assert "Dewi sedang piket semuanya Senin 07:00 - 20:00" in text
    browser.post("/duty/1/drop", "/duty")
    with reading(store) as connection:
        assert duty.rota(connection) == []
    again = browser.post("/duty/1/drop", "/duty")
    assert "sudah tidak ada" in browser.page(again.headers["Location"])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"person": "Mallory"}, "Pilih orang"),
        ({"begins": "late"}, "Tulis jam"),
        ({"first_day": "x"}, "Tanggal ditulis"),
        ({"first_day": "2026-11-28", "last_day": "2026-11-01"}, "Hari terakhir salah"),
    ],
    ids=["a stranger", "no time", "no day", "ends before it begins"],
)
def test_a_shift_that_cannot_be_is_refused_in_words(
    fields: dict[str, str], says: str, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    answer = browser.post("/duty", "/duty", **{"person": "Dewi", "scope": "*"} | fields)
    assert says in browser.page(answer.headers["Location"])


SHIFT = {"person": "Dewi", "scope": "*", "day": "1", "begins": "07:00", "ends": "20:00"}
TWICE = [
    pytest.param("/duty", SHIFT, duty.rota, id="a shift"),
    pytest.param("/plans/windows", WORK, windows.standing, id="planned work"),
    pytest.param(
        "/plans/mutes",
        {"scope": SITE, "hours": "4", "why": "tim di lokasi"},
        lambda connection: mutes.in_force(connection, NOW),
        id="a mute",
    ),
]


@pytest.mark.parametrize(("path", "fields", "kept"), TWICE)
def test_a_button_pressed_twice_does_it_once(
    path: str,
    fields: dict[str, str],
    kept: Callable[[Connection], Sequence[object]],
    cases: Cases,
    store: Engine,
    signed_in: Callable[..., Any],
    clock: Any,
) -> None:
    browser = signed_in("noc")
    for _ in range(2):
        assert browser.post(path, "/plans", **fields).status_code == 303
        clock.now += 1
    with reading(store) as connection:
        assert len(kept(connection)) == 1
        assert len(acts.waiting(connection)) == 1


def test_the_rota_of_one_area_is_that_areas(
    cases: Cases, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc", ["35.10.06"])
    assert browser.post("/duty", "/duty", person="Dewi", scope="*").status_code == 403
    assert browser.post("/duty", "/duty", person="Rian", scope="35.10.06").status_code == 303
    assert "Rian" in text_of(browser.page("/duty"))
    assert "Rian" not in text_of(signed_in("viewer", [OTHER]).page("/duty"))


def test_the_handover_tells_what_is_open(cases: Cases, signed_in: Callable[..., Any]) -> None:
    cases.open(SITE, "Benculuk", 5)
    text = text_of(signed_in("noc").page("/duty/handover?hours=12"))
    assert "SERAH TERIMA" in text
    assert "#1 Benculuk, sejak 11.12 WIB; belum ada yang menangani" in text
    assert "#1 Benculuk: lewat tenggat sejak 15.12 WIB" in text


def test_people_of_other_areas_hide_nobody_of_ones_own(
    signed_in: Callable[..., Any], regency: Any, store: Engine
) -> None:
    many = [
        {"scope": "35.09", "name": f"Orang {n:03}", "role": "district", "order": 1}
        for n in range(250)
    ]
    with writing(store) as connection:
        connection.execute(insert(schema.contacts), many)
    regency.contact("35.10.06", "Rian", "noc")
    page = signed_in("noc", ("35.10.06",)).page("/duty")
    assert "Rian" in page and "Orang" not in page
