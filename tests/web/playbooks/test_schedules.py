"""Playbooks that run again and again, and the switch of those that begin by themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.db import reading, writing
from playbooks import automatic, schedules
from playbooks.automatic import Automatic
from playbooks.schedules import Schedule
from tests.web.conftest import NOW, SITE, Visitor
from tests.web.playbooks.conftest import Field
from tests.web.test_pages import text_of

pytestmark = pytest.mark.slow

PAGE, GREEN = "/playbooks/schedules", "/playbooks/uji-lihat/automatic"
NEW = {"playbook": "uji-dns", "scope": "35.10.06", "at": "02:30", "p.server": "9.9.9.9"}


def standing(store: Engine) -> list[Schedule]:
    with reading(store) as connection:
        return schedules.standing(connection)


def switches(store: Engine) -> list[Automatic]:
    with reading(store) as connection:
        return automatic.listing(connection)


def add(browser: Visitor, days: tuple[str, ...] = (), **change: str) -> Any:
    fields: dict[str, Any] = {**NEW, **change, "day": list(days)}
    return browser.post(PAGE, f"{PAGE}?playbook=uji-dns", **fields)


def put(store: Engine, scope: str, **more: Any) -> int:
    made = {"params": {}, "at": "02.30", "zone": "Asia/Jakarta", "by": "rian"} | more
    with writing(store) as connection:
        return schedules.add(connection, Schedule("uji-dns", scope=scope, **made), NOW - 60)


def test_a_schedule_is_set_in_the_time_of_its_place(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc", ["35.10.06"])
    assert add(browser, ("1", "3")).status_code == 303
    [one] = standing(store)
    assert (one.playbook, one.scope, one.at, one.days) == ("uji-dns", "35.10.06", "02.30", "1,3")
    assert (one.zone, dict(one.params)) == ("Asia/Jakarta", {"server": "9.9.9.9"})
    page = text_of(browser.page(PAGE))
    assert "Senin, Rabu 02.30 WIB" in page and "Ganti DNS" in page
    assert "berikutnya: 25 Nov 02.30" in page


def test_all_days_are_each_day(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("admin")
    assert add(browser, tuple("1234567")).status_code == 303
    assert standing(store)[0].days == ""
    assert "setiap hari 02.30 WIB" in text_of(browser.page(PAGE))


WRONG = {
    "a time that is none": ({"at": "25.10"}, "Isi jam seperti 02.30."),
    "a place that is none": (
        {"scope": "Genteng"},
        "Tulis kode lokasi atau wilayah",
    ),
    "a place nobody keeps": ({"scope": "35.10.06.2999"}, "Tidak ada lokasi atau wilayah"),
    "a parameter of another kind": ({"p.server": "x y"}, "alamat IP"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_stands_beside_its_field(
    change: dict[str, str],
    says: str,
    field: Field,
    store: Engine,
    signed_in: Callable[..., Visitor],
) -> None:
    answer = add(signed_in("noc"), **change)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and says in page and 'aria-invalid="true"' in page
    assert not standing(store)


def test_one_is_cancelled_by_whoever_has_its_place(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    mine, wider = put(store, SITE), put(store, "35.10")
    browser = signed_in("noc", ["35.10.06"])
    page = browser.page(PAGE)
    assert f"{PAGE}/{mine}/cancel" in page and f"{PAGE}/{wider}/cancel" not in page
    assert browser.post(f"{PAGE}/{mine}/cancel", PAGE).status_code == 303
    assert [one.id for one in standing(store)] == [wider]
    browser.post(f"{PAGE}/{mine}/cancel", PAGE)
    assert "sudah" in text_of(browser.page(PAGE))


def test_one_that_found_nothing_says_why(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    number = put(store, "35.10.06")
    with writing(store) as connection:
        schedules.claim(connection, number, NOW - 30, None)
        schedules.told(connection, number, None, "site: none is named")
    said = "tidak dijalankan: tidak ada lokasi aktif di sana yang punya perangkat cocok"
    assert said in text_of(signed_in("noc").page(PAGE))


def test_playbooks_that_ask_for_a_secret_are_not_offered(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc")
    assert "uji-sandi" not in browser.page(PAGE)
    assert browser.get(f"{PAGE}?playbook=uji-sandi").status_code == 404


def test_a_green_one_is_switched_on_and_off(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc")
    assert browser.post(GREEN, "/playbooks", do="on", a_day="2").status_code == 303
    [one] = switches(store)
    assert (one.playbook, one.a_day, one.on) == ("uji-lihat", 2, True)
    assert "paling banyak 2 kali sehari di satu lokasi" in text_of(browser.page("/playbooks"))
    assert browser.post(GREEN, "/playbooks", do="off").status_code == 303
    assert not switches(store)[0].on
    assert "dimatikan oleh petugas" in text_of(browser.page("/playbooks"))


def test_one_that_stopped_itself_says_after_which_run(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("admin")
    browser.post(GREEN, "/playbooks", do="on", a_day="2")
    with writing(store) as connection:
        automatic.stop(connection, "uji-lihat", automatic.BY, "run 7 ended as failed", NOW)
    assert "pekerjaan #7 berakhir: gagal" in text_of(browser.page("/playbooks"))


def test_a_day_holds_no_more_than_the_most(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc")
    assert browser.post(GREEN, "/playbooks", do="on", a_day="25").status_code == 303
    assert "Isi angka 1 sampai 24." in browser.page("/playbooks") and not switches(store)


def test_only_who_may_switch_sees_the_switch(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    assert GREEN in signed_in("admin").page("/playbooks")
    assert GREEN not in signed_in("technician").page("/playbooks")
    assert GREEN not in signed_in("noc", ["35.10.06"]).page("/playbooks")
