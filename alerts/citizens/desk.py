"""What people of the centre and the villages do about a report; each by compare-and-set, an act."""

from enum import StrEnum

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import incidents
from alerts.citizens import rows
from alerts.citizens.report import OPEN, Report, State, Tell
from alerts.citizens.wording import MOST_CHARS
from collector import acts
from collector.printable import on_one_line

ANSWER, CLOSE, JOIN, SPAM, SHOW = (
    "citizen_answer",
    "citizen_close",
    "citizen_join",
    "citizen_spam",
    "citizen_show",
)


class What(StrEnum):
    """What became of it."""

    DONE = "written down"
    OVER = "it is over"
    AGAIN = "it was so already"


def subject(report: Report) -> str:
    """How acts name a report."""
    return f"citizen:{report.number}"


def answer(connection: Connection, report: Report, text: str, by: str, now: float) -> What:
    """An answer that its reporter reads, on the page of its number and where they left a contact.

    Who is answered within the four hours was handled.
    """
    words = _words(text)
    told = {"answer": words, "answered_at": now, "tell": Tell.ANSWERED}
    handled = report.handled_at if report.handled_at is not None else now
    return _set(connection, report, by, now, ANSWER, {"note": words}, **told, handled_at=handled)


def close(
    connection: Connection, report: Report, fixed: bool, text: str, by: str, now: float
) -> What:
    """It is over: put right, or nothing that can be (`fixed` False wants to be told why)."""
    words = _words(text) if text.strip() or not fixed else report.answer
    state = State.SOLVED if fixed else State.CLOSED
    told = {
        "state": state,
        "over_at": now,
        "answer": words,
        "tell": Tell.SOLVED if fixed else Tell.CLOSED,
        "handled_at": report.handled_at if report.handled_at is not None else now,
    }
    return _set(connection, report, by, now, CLOSE, {"fixed": fixed, "note": words}, **told)


def join(connection: Connection, report: Report, incident: int, by: str, now: float) -> What:
    """It is about an incident that is open."""
    into = incidents.follow(connection, incident)
    found = incidents.find(connection, into)
    if found is None or found.over:
        raise Refused("incident", f"there is no open incident {incident}")
    if report.incident == into:
        return What.AGAIN
    told = {"state": State.JOINED, "incident": into, "raised_at": None}
    return _set(connection, report, by, now, JOIN, {"incident": into}, **told)


def spam(connection: Connection, report: Report, by: str, now: float) -> What:
    """It is nothing that anybody means; its words go, and nobody is told."""
    told = {"state": State.SPAM, "over_at": now, "text": "", "raised_at": None}
    return _set(connection, report, by, now, SPAM, {}, **told, shown=False, tell=Tell.NOTHING)


def show(connection: Connection, report: Report, shown: bool, by: str, now: float) -> What:
    """Whether the page of its number shows its words, which somebody has looked at."""
    if report.shown == shown or not report.text:
        return What.AGAIN
    rows.change(connection, [report.id], tuple(State), shown=shown, held="" if shown else "by hand")
    acts.record(connection, now, by, SHOW, subject(report), {"shown": shown})
    return What.DONE


def _set(
    connection: Connection,
    report: Report,
    by: str,
    now: float,
    verb: str,
    body: dict[str, object],
    **values: object,
) -> What:
    if not rows.change(connection, [report.id], OPEN, by=by, **values):
        return What.OVER
    acts.record(connection, now, by, verb, subject(report), body)
    return What.DONE


def _words(text: str) -> str:
    flat = on_one_line(text)
    if not flat:
        raise Refused("text", "is empty")
    if len(flat) > MOST_CHARS:
        raise Refused("text", f"at most {MOST_CHARS} characters")
    return flat
