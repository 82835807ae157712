"""A month's report by e-mail: when, to whom, once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, select

from alerts.channels import NotifyFailed
from alerts.channels.email import Email
from collector import db, schema
from collector.inventory import Contact
from collector.series.history import History
from collector.settings import Settings
from tests.collector.evidence.world import at
from web.reports import letters, making
from web.reports.editions import Wanted
from web.reports.letters import Book, Letter, Sent, State
from web.reports.mailing import LOOK_EVERY_S, Mailing
from web.reports.post import REPORT
from web.reports.press import Press

WIB = ZoneInfo("Asia/Jakarta")
EIGHTH = at("2026-11-08 06:00:00")


class Postman:
    """Keeps what it is given; refuses as it is told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.refuses: list[NotifyFailed] = []

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        if self.refuses:
            raise self.refuses.pop(0)
        self.sent.append((target, message))
        return "taken"


class Printer(Press):
    """Makes editions at once, in this process."""

    def __init__(self, settings: Settings, store: Engine, now: float) -> None:
        super().__init__(settings)
        self._store, self._now = store, now

    def ask(self, wanted: Wanted) -> bool:
        history = db.open_history(self._settings)
        with db.reading(self._store) as connection:
            past = History(self._settings, history)
            making.make(connection, self._settings, past, wanted, self._now)
        history.dispose()
        return True


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def mailing(settings: Settings, store: Engine, postman: Postman) -> Callable[[], Mailing]:
    people = (("35.10", "Kadis", "agency", "kadis@example.id"),
              ("35.10.06", "Camat", "district", "camat@example.id"),
              ("35.10.06.2005", "Kades", "village", "kades@example.id"),
              ("35.10.11", "Tanpa", "district", ""))  # fmt: skip
    with db.writing(store) as connection:
        for scope, name, role, email in people:
            row = {"scope": scope, "name": name, "role": role, "email": email}
            connection.execute(insert(schema.contacts).values(**row))
    chosen = replace(settings, report_roles=("agency", "district"))

    def make() -> Mailing:
        return Mailing(chosen, store, lambda _: postman, Printer(chosen, store, EIGHTH + 60))

    return make


@pytest.mark.slow
def test_each_gets_the_report_of_their_place_once(
    mailing: Callable[[], Mailing], postman: Postman, store: Engine
) -> None:
    for _ in range(3):
        # as after a start of the centre, too
        one = mailing()
        for look in range(3):
            one.deliver(EIGHTH + 120 + look * LOOK_EVERY_S)
    assert [target for target, _ in postman.sent] == ["kadis@example.id", "camat@example.id"]
    (_, whole), (_, part) = postman.sent
    assert whole["text"].startswith("Laporan jaringan desa, Oktober 2026: Banyuwangi")
    assert part["text"].startswith("Laporan jaringan desa, Oktober 2026: Cluring")
    assert "Diketahui: 99,93%\nTersedia, dari yang diketahui: 99,09%\n" in whole["text"]
    name, kind, content = part["files"][0]
    assert (name, kind) == ("ronda-laporan-2026-10-35.10.06.pdf", "application/pdf")
    assert content.startswith(b"%PDF-")
    with db.reading(store) as connection:
        acts = connection.execute(select(schema.acts).where(schema.acts.c.verb == REPORT)).all()
    assert [act.subject for act in acts] == ["report:2026-10/35.10", "report:2026-10/35.10.06"]
    assert not any("@" in act.body for act in acts), "an act names nobody"


def test_before_its_day_nothing_goes(mailing: Callable[[], Mailing], postman: Postman) -> None:
    mailing().deliver(EIGHTH - 1)
    assert postman.sent == []


@pytest.mark.slow
def test_a_letter_that_was_being_sent_when_the_centre_fell_is_not_sent_again(
    mailing: Callable[[], Mailing], postman: Postman
) -> None:
    class Fell(Exception):
        """The machine went down."""

    def fall(target: str, message: Mapping[str, Any]) -> str:
        postman.sent.append((target, message))
        raise Fell

    falling = mailing()
    falling._channel = lambda _: type("Falling", (), {"send": staticmethod(fall)})()
    falling.deliver(EIGHTH + 120)
    with pytest.raises(Fell):
        falling.deliver(EIGHTH + 300)
    mailing().deliver(EIGHTH + 900)
    mailing().deliver(EIGHTH + 1800)
    assert [target for target, _ in postman.sent].count("kadis@example.id") == 1


@pytest.mark.slow
def test_what_the_server_puts_off_is_tried_again_later(
    mailing: Callable[[], Mailing], postman: Postman
) -> None:
    postman.refuses = [NotifyFailed("greylisted"), NotifyFailed("no such mailbox", permanent=True)]
    one = mailing()
    for minute in (2, 4, 6):
        one.deliver(EIGHTH + minute * 60)
    assert postman.sent == []
    one.deliver(EIGHTH + 7200)
    assert [target for target, _ in postman.sent] == ["kadis@example.id"]


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-11-08 05:59:59", None),
        ("2026-11-08 06:00:00", "2026-10"),
        ("2026-11-27 06:00:00", "2026-10"),
        ("2026-11-28 06:00:01", None),
        ("2027-01-08 06:00:00", "2026-12"),
    ],
)
def test_a_month_is_due_once_its_refund_sheets_are_issued(now: str, month: str | None) -> None:
    found = letters.due(at(now), WIB)
    assert (found[0] if found else None) == month


def contact(scope: str, role: str, email: str) -> Contact:
    return Contact(scope, "Nama", role, 1, "id", "", "", "", email, "")


def test_letters_go_to_places_and_to_each_address_once() -> None:
    people = [
        contact("35.10", "agency", "A@example.id"),
        contact("35.10", "agency", "a@example.id"),
        contact("isp:Telkom", "agency", "b@example.id"),
        contact("*", "noc", "c@example.id"),
        contact("35.10.06", "village", "d@example.id"),
        contact("35.10.06", "agency", ""),
    ]
    found = letters.letters(people, ("agency", "noc"), "2026-10", b"secret")
    assert [(each.area, each.to) for each in found] == [("", "c@example.id"),
                                                        ("35.10", "A@example.id")]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "failed", "permanent", "then"),
    [
        (Sent(), True, False, Sent(State.WAITING, 1, 1000 + letters.AGAIN_S)),
        (Sent(), True, True, Sent(State.FAILED, 1)),
        (Sent(State.CLAIMED, 5), True, False, Sent(State.FAILED, 6)),
        (Sent(State.CLAIMED, 2), False, False, Sent(State.SENT, 3)),
    ],
    ids=["later", "never", "often enough", "sent"],
)
def test_what_a_try_makes_of_a_letter(
    before: Sent, failed: bool, permanent: bool, then: Sent
) -> None:
    assert letters.after(before, failed, permanent, 1000) == then


def test_a_book_is_read_as_it_was_kept() -> None:
    letter = Letter("m", "", "x@example.id", "id")
    book = Book("2026-10").with_(letter, Sent(State.SENT, 1))
    assert letters.read(book.text()) == book and "@" not in book.text()
    assert letters.read("") == Book()


def test_an_e_mail_carries_its_files() -> None:
    told = {"notice": "x", "text": "Laporan\nisi", "files": [("a.pdf", "application/pdf", b"%PDF")]}
    letter = Email("mail.example.id", "ronda@example.id")._letter("a@example.id", told)
    (file,) = letter.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("a.pdf", "application/pdf")
    assert file.get_payload(decode=True) == b"%PDF"
