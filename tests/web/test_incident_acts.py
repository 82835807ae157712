"""What people do about incidents from the console: done once, written down, or refused in words."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine

from alerts import incidents, mutes, photos
from collector.db import reading, writing
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE
from web.incident_page import MOST_PEOPLE


@pytest.fixture
def cases(store: Engine, regency: Any) -> Cases:
    regency.site(SITE, "Benculuk", "down")
    regency.site(OTHER, "Bayu", "down", district="Songgon")
    regency.contact("*", "Dewi", "noc", whatsapp="+62833")
    return Cases(store)


@pytest.fixture
def number(cases: Cases) -> int:
    return cases.open(SITE, "Benculuk", 2, cause="fiber", confidence=0.7)


def press(browser: Any, number: int, verb: str, **fields: str) -> Any:
    return browser.post(f"/incidents/{number}/{verb}", form_on=f"/incidents/{number}", **fields)


@dataclass(frozen=True)
class Done:
    """An act, what it leaves in the row, and its line."""

    verb: str
    fields: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, Any] = field(default_factory=dict)
    line: tuple[str, str] = ("", "")
    before: Sequence[tuple[str, dict[str, str]]] = ()


ME = "noc.a"
ACTS = [
    Done("take", {}, {"state": "acknowledged", "acknowledged_by": ME}, ("taken", "")),
    Done(
        "handled",
        {"note": "kabel\ndisambung"},
        {"state": "handled", "acknowledged_by": ME, "handled_at": NOW},
        ("handled", "kabel disambung"),
    ),
    Done("note", {"note": "di jalan"}, {"state": "open"}, ("note", "di jalan")),
    Done(
        "assign", {"person": "Dewi", "was": ""}, {"assigned_to": "Dewi"}, ("assign", "Dewi")
    ),
    Done(
        "pause",
        {"why": "menunggu PLN"},
        {"paused_at": NOW, "paused_why": "menunggu PLN"},
        ("pause", "menunggu PLN"),
    ),
    Done(
        "resume", {}, {"paused_at": None, "paused_why": ""}, ("resume", ""),
        [("pause", {"why": "PLN"})],
    ),
    Done(
        "cause",
        {"cause": "power", "note": "PLN padam", "was": "fiber"},
        {"cause": "power", "confidence": 1.0},
        ("cause", "power: PLN padam"),
    ),
    Done(
        "ticket",
        {"ticket": "IN-1", "at": "2026-11-23T15:12", "was": ""},
        {"ticket": "IN-1", "ticket_at": NOW - HOUR},
        ("ticket", "IN-1"),
    ),
    Done("ticket", {"ticket": "IN-1", "was": ""}, {"ticket_at": NOW}, ("ticket", "IN-1")),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("done", ACTS, ids=lambda done: f"{done.verb} {done.fields}")
def test_an_act_is_done_and_written_down(
    done: Done, number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    for verb, fields in done.before:
        press(browser, number, verb, **fields)
    answer = press(browser, number, done.verb, **done.fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/incidents/{number}")
    row = cases.find(number)
    assert {name: getattr(row, name) for name in done.leaves} == done.leaves
    assert cases.log(number)[-1] == (ME, *done.line)
    assert (ME, f"incident:{number}") in {(by, subject) for by, _, subject in cases.acts()}
    assert 'class="note crit"' not in browser.page(f"/incidents/{number}")


@pytest.mark.slow
def test_pressing_twice_does_it_once(
    number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    for _ in range(3):
        press(browser, number, "take")
    assert cases.log(number) == [(ME, "taken", "")]
    assert 'class="note crit"' not in browser.page(f"/incidents/{number}")


def test_merging_moves_its_sites(number: int, cases: Cases, signed_in: Callable[..., Any]) -> None:
    into = cases.storm("POP", [OTHER])
    press(signed_in("noc"), number, "merge", into=f"#{into}")
    assert (cases.find(number).merged_into, cases.find(into).members) == (into, 2)


def test_a_mute_of_an_incident_ends_by_itself(
    number: int, store: Engine, signed_in: Callable[..., Any]
) -> None:
    press(signed_in("noc"), number, "mute", hours="4", why="tim di lokasi")
    with reading(store) as connection:
        (mute,) = mutes.in_force(connection, NOW)
    assert (mute.scope, mute.ends, mute.by) == (f"incident:{number}", NOW + 4 * HOUR, ME)


def test_what_is_good_again_can_be_declared_settled(
    cases: Cases, signed_in: Callable[..., Any]
) -> None:
    number = cases.open(SITE, "opensid Benculuk", key="ServiceDown|x")
    browser = signed_in("noc")
    assert "Sudah stabil" not in browser.page(f"/incidents/{number}")
    cases.good(number, NOW - 60)
    assert "Sudah stabil" in browser.page(f"/incidents/{number}")
    press(browser, number, "settle")
    assert cases.find(number).details["settled"] == NOW


@dataclass(frozen=True)
class No:
    """Somebody may not, or it cannot be; `says` stands on the page that is shown next."""

    id: str
    verb: str
    says: str
    status: int = 303
    who: str = "noc"
    areas: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    storm: bool = False


ROLE, OUTSIDE = "Hak akses Anda tidak mengizinkan", "Sebagian gangguan ini di luar wilayah"
NOT = [
    No("a viewer takes", "take", ROLE, 403, "viewer"),
    No("a viewer notes", "note", ROLE, 403, "viewer", fields={"note": "x"}),
    No("a village pauses", "pause", ROLE, 403, "village", (SITE,), {"why": "x"}),
    No("a village assigns", "assign", ROLE, 403, "village", (SITE,), {"person": "Dewi"}),
    No("a village corrects", "cause", ROLE, 403, "village", (SITE,)),
    No("a village gives a ticket", "ticket", ROLE, 403, "village", (SITE,)),
    No("a technician merges", "merge", ROLE, 403, "technician"),
    No("a technician mutes", "mute", ROLE, 403, "technician"),
    No("a technician ends", "settle", ROLE, 403, "technician"),
    No("of another area", "take", "", 404, "technician", (OTHER,)),
    No("partly elsewhere", "pause", OUTSIDE, 403, "technician", (SITE,), {"why": "x"}, storm=True),
    No("partly elsewhere, merge", "merge", OUTSIDE, 403, "noc", (SITE,), {"into": "9"}, storm=True),
    No("no such act", "explode", "", 404),
    No("taken by others", "take", "Sudah ditangani dewi", fields={},
       change={"state": "acknowledged", "acknowledged_by": "dewi", "acknowledged_at": NOW}),
    No("over meanwhile", "take", "Sudah pulih", change={"state": "resolved", "resolved_at": NOW}),
    No("over, paused", "pause", "Sudah pulih", fields={"why": "x"},
       change={"state": "resolved", "resolved_at": NOW}),
    No("handled twice", "handled", "Sudah tertangani",
       change={"state": "handled", "handled_at": NOW}),
    No("paused twice", "pause", "memang sudah begitu", fields={"why": "x"},
       change={"paused_at": NOW, "paused_why": "y"}),
    No("no reason", "pause", "Tulis alasannya", fields={"why": "  "}),
    No("a reason without end", "pause", "Tulis alasannya", fields={"why": "x" * 300}),
    No("nobody", "assign", "Pilih orang", fields={"person": "", "was": ""}),
    No("a stranger", "assign", "Pilih orang", fields={"person": "Mallory", "was": ""}),
    No("assigned meanwhile", "assign", "sudah mengubahnya", fields={"person": "Dewi", "was": ""},
       change={"assigned_to": "Budi"}),
    No("no cause", "cause", "Pilih penyebab", fields={"cause": "ghosts", "note": "x"}),
    No("no word how", "cause", "dari mana tahunya", fields={"cause": "power", "note": "",
       "was": "fiber"}),
    No("corrected meanwhile", "cause", "sudah mengubahnya",
       fields={"cause": "power", "note": "x", "was": "isp"}),
    No("no ticket", "ticket", "Tulis nomor tiket", fields={"ticket": "", "was": ""}),
    No("a ticket to come", "ticket", "Tulis nomor tiket",
       fields={"ticket": "T", "at": "2026-11-23T17:00", "was": ""}),
    No("a ticket at no time", "ticket", "Tulis nomor tiket",
       fields={"ticket": "T", "at": "yesterday", "was": ""}),
    No("merged into itself", "merge", "Sudah pulih", fields={"into": "1"}),
    No("merged into nothing", "merge", "nomor gangguan terbuka", fields={"into": "77"}),
    No("merged into words", "merge", "nomor gangguan terbuka", fields={"into": "²"}),
    No("muted for ever", "mute", "Pilih lama waktu", fields={"hours": "9999", "why": "x"}),
    No("muted without a reason", "mute", "Tulis alasannya", fields={"hours": "1", "why": ""}),
    No("ended while broken", "settle", "Masih terganggu"),
    No("an empty note", "note", "Catatannya kosong", fields={"note": " "}),
    No("a photo that is not there", "photo_remove", "Foto ini sudah tidak ada",
       fields={"photo": "9"}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("no", NOT, ids=lambda no: no.id)
def test_it_is_refused_in_words(
    no: No, number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    about = cases.storm("POP", [SITE, OTHER]) if no.storm else number
    if no.change:
        cases.change(about, **no.change)
    before = (cases.find(about), cases.log(about))
    browser = signed_in(no.who, no.areas)
    answer = browser.post(f"/incidents/{about}/{no.verb}", form_on="/incidents", **no.fields)
    assert answer.status_code == no.status
    shown = browser.page(f"/incidents/{about}") if no.status == 303 else answer.text
    assert no.says in shown
    assert (cases.find(about), cases.log(about)) == before


@pytest.mark.parametrize(
    "verb", ["take", "handled", "note", "pause", "assign", "cause", "ticket", "merge", "mute"]
)
def test_without_the_form_token_nothing_is_done(
    verb: str, number: int, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("admin")
    answer = browser.client.post(f"/incidents/{number}/{verb}", data={"note": "x", "why": "x"})
    assert answer.status_code == 400
    assert cases.log(number) == []
    assert browser.get(f"/incidents/{number}/{verb}").status_code == 405


def test_a_village_takes_its_own_part_of_a_storm(
    cases: Cases, signed_in: Callable[..., Any]
) -> None:
    storm = cases.storm("POP", [SITE, OTHER])
    press(signed_in("village", [SITE]), storm, "take")
    assert cases.find(storm).state == "open", "it is nobody's who speaks for one village"
    assert cases.log(storm) == [("village.a", "taken", "in their village")]


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return out.getvalue()


def send(browser: Any, number: int, body: bytes, form_on: str = "/incidents") -> Any:
    page = browser.client.get(form_on).get_data(as_text=True)
    token = page.split('name="form_token" value="')[1].split('"')[0]
    sent = {"form_token": token, "photo": (io.BytesIO(body), "kabel.jpg")}
    return browser.client.post(f"/incidents/{number}/photo", data=sent)


def kept(store: Engine, number: int) -> int:
    with reading(store) as connection:
        return len(photos.of(connection, number))


@pytest.mark.slow
def test_a_photo_is_kept_and_can_be_removed(
    number: int, store: Engine, cases: Cases, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("technician")
    assert send(browser, number, jpeg()).status_code == 303
    assert "Foto tersimpan" in browser.page(f"/incidents/{number}")
    assert kept(store, number) == 1
    press(browser, number, "photo_remove", photo="1")
    assert kept(store, number) == 0
    assert [verb for _, verb, _ in cases.log(number)] == ["photo", "photo gone"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "Belum ada foto"), (b"GIF89a", "Hanya foto JPEG"), (jpeg()[:99], "tidak utuh")],
    ids=["none", "a GIF", "half of one"],
)
def test_what_is_no_photo_is_refused_in_words(
    body: bytes, says: str, number: int, store: Engine, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("village", [SITE])
    send(browser, number, body)
    assert says in browser.page(f"/incidents/{number}")
    assert kept(store, number) == 0


def test_photos_are_refused_to_those_who_look_on_or_are_elsewhere(
    number: int, store: Engine, signed_in: Callable[..., Any]
) -> None:
    assert send(signed_in("viewer"), number, jpeg()).status_code == 403
    assert send(signed_in("village", [OTHER]), number, jpeg()).status_code == 404
    browser = signed_in("noc")
    bare = {"photo": (io.BytesIO(jpeg()), "kabel.jpg")}
    assert browser.client.post(f"/incidents/{number}/photo", data=bare).status_code == 400
    assert kept(store, number) == 0


@pytest.mark.slow
def test_all_who_may_be_asked_are_found_though_no_list_has_room_for_all(
    cases: Cases, account: Callable[..., str], signed_in: Callable[..., Any], store: Engine
) -> None:
    number = cases.open(SITE, "Benculuk")
    for each in range(MOST_PEOPLE + 2):
        account(f"teknisi.{each:03d}", "technician", [SITE[:5]])
    account("teknisi.jauh", "technician", [OTHER[:8]])
    account("penonton", "viewer")
    browser = signed_in("noc")
    page = browser.page(f"/incidents/{number}")
    assert page.count("<option>teknisi.") == MOST_PEOPLE - 2, "Dewi and who asks are there, too"
    assert f"{MOST_PEOPLE} yang pertama" in page
    for person, so in (("teknisi.101", True), ("teknisi.jauh", False), ("penonton", False)):
        with writing(store) as connection:
            incidents.change(connection, number, ("open", "acknowledged"), assigned_to="")
        answer = browser.post(
            f"/incidents/{number}/assign", f"/incidents/{number}", person=person, was=""
        )
        assert ("Pilih orang" in browser.page(answer.headers["Location"])) is not so, person
