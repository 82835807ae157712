"""Reports and incidents together, over real rows: matched, raised, merged, ended, told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts import hands
from alerts.channels.config import Line
from alerts.citizens import desk, filing, letters, rows
from alerts.citizens.filing import Said
from alerts.citizens.letters import MOST_ALL_A_DAY
from alerts.citizens.report import Kind, Report, State, Tell
from alerts.inbox import Inbox, Result
from alerts.notices import CITIZEN, Draft, queue
from alerts.replies import Heard
from collector.db import reading, writing
from collector.fold.timelines import SILENT
from tests.alerts.village import CODE, NINE, Village, contact, village
from tests.alerts.village import Inbox as Channel

pytestmark = pytest.mark.slow

SAID = Said(CODE, Kind.DEAD, "203.0.113.9")
HOUR = 3600.0


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, contact("Sari"), database_url=database_url) as made:
        made.be("normal", NINE - HOUR)
        made.floor({"webhook": made.inbox})
        yield made


def say(here: Village, way: str, at: float, kind: Kind = Kind.DEAD, left: str = "") -> Report:
    filed = filing.file(here.store, replace(SAID, way=way, kind=kind, contact=left), at)
    assert filed.report is not None
    return filed.report


def now_is(here: Village, report: Report) -> Report:
    with reading(here.store) as connection:
        found = rows.find(connection, report.number)
    assert found is not None
    return found


def pass_by(here: Village, begin: float, seconds: int = 12) -> None:
    """The engine steps on."""
    for later in range(0, seconds + 1, 4):
        here.step(begin + later)


def raised(here: Village) -> list[Report]:
    """Three people say it, and the engine believes them."""
    made = [say(here, f"203.0.113.{n}", NINE + n) for n in range(3)]
    pass_by(here, NINE + 70)
    return made


def test_one_report_wakes_nobody(here: Village) -> None:
    one = say(here, "a", NINE)
    pass_by(here, NINE + 70)
    assert here.incidents() == [] and here.inbox.got == []
    assert now_is(here, one).why == "nobody else says so yet"


def test_three_people_open_one_incident_that_is_told_once(here: Village) -> None:
    made = raised(here)
    (incident,) = here.incidents()
    assert (incident.subject, incident.severity, incident.down_since) == (
        "hotspot",
        "warning",
        NINE,
    )
    assert [now_is(here, one).incident for one in made] == [incident.id] * 3
    [(_, message)] = here.inbox.got
    assert message["text"].startswith("LAPORAN WARGA: 3 warga ")
    fourth = say(here, "d", NINE + 100, Kind.SLOW)
    pass_by(here, NINE + 102)
    assert now_is(here, fourth).incident == incident.id
    assert len(here.incidents()) == 1 and len(here.inbox.got) == 1


def test_it_is_the_same_incident_after_a_restart(here: Village) -> None:
    raised(here)
    here.floor({"webhook": here.inbox})
    pass_by(here, NINE + 200)
    (incident,) = here.incidents()
    assert incident.state == "open" and len(here.inbox.got) == 1


def test_a_report_about_what_is_known_joins_it_and_ends_with_it(here: Village) -> None:
    here.say("bad", NINE, "HTTP 502")
    here.step(NINE + 1)
    one = say(here, "a", NINE + 30, Kind.APP)
    pass_by(here, NINE + 32)
    (incident,) = here.incidents()
    assert now_is(here, one).incident == incident.id
    here.say("good", NINE + 600)
    pass_by(here, NINE + 602)
    assert now_is(here, one).state == State.SOLVED


def test_who_complains_first_joins_what_a_probe_sees_later(here: Village) -> None:
    one = say(here, "a", NINE, Kind.APP)
    pass_by(here, NINE + 5)
    assert now_is(here, one).state == State.WAITING
    here.say("bad", NINE + 20, "HTTP 502")
    pass_by(here, NINE + 21)
    assert now_is(here, one).state == State.JOINED


def test_what_is_measured_after_people_said_it_takes_their_incident_in(here: Village) -> None:
    made = raised(here)
    # it fell silent
    here.be("unknown", NINE + 200, reason=SILENT)
    pass_by(here, NINE + 201, 40)
    first, second = here.incidents()
    assert (first.state, first.merged_into) == ("resolved", second.id)
    assert {now_is(here, one).incident for one in made} == {second.id}
    here.be("normal", NINE + 900)
    pass_by(here, NINE + 901, 20)
    assert {now_is(here, one).state for one in made} == {State.SOLVED}
    assert [row.state for row in here.incidents()] == ["resolved", "resolved"]


def test_it_ends_when_everybody_was_answered(here: Village) -> None:
    made = raised(here)
    with writing(here.store) as connection:
        for one in made:
            report = rows.find(connection, one.number)
            assert report is not None
            assert desk.close(connection, report, True, "", "siti", NINE + 300) is desk.What.DONE
    pass_by(here, NINE + 301)
    (incident,) = here.incidents()
    assert incident.state == "resolved"
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]


def test_it_ends_half_an_hour_after_it_was_handled_unless_somebody_says_it_again(
    here: Village,
) -> None:
    made = raised(here)
    with writing(here.store) as connection:
        hands.handled(connection, 1, "Sari", NINE + 600)
    say(here, "late", NINE + 1500)
    pass_by(here, NINE + 2500)
    assert now_is(here, made[0]).handled_at == NINE + 600
    assert here.incidents()[0].state == "handled"
    pass_by(here, NINE + 1500 + 1801)
    assert here.incidents()[0].state == "resolved"
    assert now_is(here, made[0]).state == State.SOLVED


def test_it_ends_by_itself_after_half_a_day_of_quiet(here: Village) -> None:
    raised(here)
    pass_by(here, NINE + 12 * HOUR - 60)
    assert here.incidents()[0].state == "open"
    pass_by(here, NINE + 12 * HOUR + 60)
    assert here.incidents()[0].state == "resolved"


def test_spam_takes_a_word_back(here: Village) -> None:
    made = raised(here)
    with writing(here.store) as connection:
        for one in made:
            report = rows.find(connection, one.number)
            assert report is not None
            desk.spam(connection, report, "siti", NINE + 300)
    pass_by(here, NINE + 301)
    assert here.incidents()[0].state == "resolved"


def test_only_who_left_a_contact_hears_that_it_is_over_and_once(here: Village) -> None:
    sms, mail = Channel(), Channel()
    here.floor({"webhook": here.inbox})
    lines = [("sms", "sms"), ("mail", "email")]
    here.alerts._own.citizens._serving = lines
    one = say(here, "a", NINE, left="+6281230000001")
    say(here, "a", NINE, left="budi@desa.id")
    say(here, "b", NINE)
    with writing(here.store) as connection:
        report = rows.find(connection, one.number)
        assert report is not None
        desk.answer(connection, report, "Teknisi datang besok.", "siti", NINE + 60)
    pass_by(here, NINE + 61)
    told = [(n.channel, n.target, json.loads(n.body)["text"]) for n in here.notices()]
    assert [(channel, target) for channel, target, _ in told] == [
        ("sms", "+6281230000001"),
        ("mail", "budi@desa.id"),
    ]
    assert f"Jawaban untuk laporan {one.number}" in told[0][2] and "besok." in told[0][2]
    with writing(here.store) as connection:
        desk.close(connection, now_is(here, one), True, "", "siti", NINE + 90)
    pass_by(here, NINE + 91)
    assert [n.news for n in here.notices()] == ["citizen"] * 4
    assert "selesai" in json.loads(here.notices()[-1].body)["text"]
    assert (sms.got, mail.got) == ([], [])


LINES = [Line("sms", "gammu", "sms", Channel()), Line("wa", "fonnte", "whatsapp", Channel())]


def hear(
    here: Village,
    text: str,
    at: float = NINE,
    sender: str = "081299990001",
    inbox: Inbox | None = None,
) -> tuple[Result, str]:
    mine = inbox or Inbox(here.store, LINES, "Asia/Jakarta", citizens=True)
    result = mine.hear(Heard("sms", sender, text), at)
    found = [n for n in here.notices() if n.news == "citizen"]
    return result, json.loads(found[-1].body)["sms"] if found else ""


def test_a_report_by_sms_is_filed_and_followed(here: Village) -> None:
    result, said = hear(here, "LAPOR Benculuk internet mati sejak pagi")
    assert result == Result.CITIZEN
    assert said.startswith("Terima kasih. Laporan ") and len(said) <= 160
    with reading(here.store) as connection:
        (one,) = rows.all_open(connection, 10)
        (left,) = rows.contacts(connection, [one.id])
    assert (one.kind, one.via, one.site) == ("dead", "sms", CODE)
    assert (left.contact, left.channel) == ("+6281299990001", "sms")
    assert one.number in said
    _, said = hear(here, f"CEK {one.number.lower()}", NINE + 60)
    assert one.number in said and "menunggu petugas" in said


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    "text, begins",
    [
        ("LAPOR Kampung Antah internet mati", "Desa itu tidak kami temukan"),
        ("LAPOR", "Tulis: LAPOR"),
        ("LAPOR Benculuk", "Tulis: LAPOR"),
        ("CEK 123-456-789", "Nomor laporan itu tidak"),
    ],
)
def test_what_is_no_report_is_explained(here: Village, text: str, begins: str) -> None:
    result, said = hear(here, text)
    assert result == Result.CITIZEN and said.startswith(begins)


def test_of_a_site_that_is_kept_off_the_public_pages_a_stranger_learns_nothing(
    here: Village,
) -> None:
    inbox = Inbox(here.store, LINES, "Asia/Jakarta", citizens=True, hides=(CODE[:8],))
    for number, words in enumerate(("Benculuk", CODE)):
        result, said = hear(here, f"LAPOR {words} internet mati", NINE + number, inbox=inbox)
        assert result == Result.CITIZEN and said.startswith("Desa itu tidak kami temukan")
    with reading(here.store) as connection:
        assert rows.all_open(connection, 10) == []


def test_citizens_together_hear_so_many_messages_a_day(here: Village) -> None:
    say(here, "a", NINE, left="+6281230000001")
    one = say(here, "b", NINE, left="+6281230000002")
    with writing(here.store) as connection:
        sent = [Draft(0, CITIZEN, "warga", "sms", f"+628{n}", "{}") for n in range(MOST_ALL_A_DAY)]
        queue(connection, sent[1:], NINE)
        rows.change(connection, [1, 2], tuple(State), tell=Tell.ANSWERED)
        told = letters.queue(connection, [("sms", "sms")], "Asia/Jakarta", NINE + 60, 50)
        assert (one.id, told, rows.to_tell(connection, 9)) == (2, 1, [])


def test_other_words_of_strangers_are_answered_by_nobody(here: Village) -> None:
    assert hear(here, "selamat pagi") == (Result.STRANGER, "")
    silent = Inbox(here.store, LINES, "Asia/Jakarta")
    assert hear(here, "LAPOR Benculuk internet mati", inbox=silent) == (Result.STRANGER, "")


def test_one_number_is_answered_six_times_an_hour_at_most(here: Village) -> None:
    inbox = Inbox(here.store, LINES, "Asia/Jakarta", citizens=True)
    for number in range(9):
        hear(here, "LAPOR", NINE + 10 * number, inbox=inbox)
    assert len([n for n in here.notices() if n.news == "citizen"]) == 6
