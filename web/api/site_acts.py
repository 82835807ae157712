"""What programs do about one site: have its agents probe, read and write notes."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from collector import notes
from collector.db import reading
from collector.inventory import Site
from collector.notes import LONGEST
from collector.notes import Note as Stored
from web import reasons
from web.api import params
from web.api.problems import No, Wrong
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre, facts
from web.siteacts import WORDS, Told, probe_now, write_note
from web.sitepage import ACTING, asking
from web.sites import the_site


class Probing(Struct, frozen=True):
    """Where the last “probe now” of a site stands."""

    phase: Annotated[str, Meta(description="never, waiting, answered, unanswered")]
    by: str
    at: Time | None
    answered_at: Time | None


class NoteText(Struct, frozen=True):
    """What a note said from then on."""

    by: str
    at: Time
    text: str


class SiteNote(Struct, frozen=True):
    """A note with every text it had, the newest first."""

    id: int
    by: str
    at: Time
    text: str
    texts: tuple[NoteText, ...]
    mark: str


class NewNote(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST, pattern=r"\S")]


def _probe(call: Call) -> Reply:
    site = the_site(call.path["code"])
    told = probe_now(site)
    if told is not Told.ASKED:
        raise No(409, str(WORDS[told]))
    return Reply(_probing(site))


def _look(call: Call) -> Reply:
    return Reply(_probing(the_site(call.path["code"])))


def _probing(site: Site) -> Probing:
    asked = asking(site, facts().last_asking(site.code), facts().numbers.latest(site.row))
    at = moment(asked.at) if asked.at else None
    answered = None if asked.answered_at is None else moment(asked.answered_at)
    return Probing(asked.phase, asked.by, at, answered)


def _list(call: Call) -> Reply:
    found = _notes(the_site(call.path["code"]).code)
    return Reply(sliced(call, found, _note, lambda one: (-one.id,)))


def _one(call: Call) -> Reply:
    return _told(_there(call))


def _add(call: Call) -> Reply:
    code = the_site(call.path["code"]).code
    number = _written(lambda: write_note(code, call.body.text))
    made = next(one for one in _notes(code) if one.id == number)
    return Reply(_note(made), str(made.edition), f"/sites/{code}/notes/{number}")


def _change(call: Call) -> Reply:
    found = _there(call)
    if call.revision != str(found.edition):
        raise _stale(found)
    _written(lambda: write_note(call.path["code"], call.body.text, found.id, found.edition))
    return _told(_there(call))


def _written(write: Any) -> int:
    try:
        number: int = write()
    except Refused as refused:
        if refused.place == "edition":
            raise No(412, reasons.say(refused.problem)) from None
        raise No(422, "", Wrong(refused.place, reasons.say(refused.problem))) from None
    return number


def _stale(found: Stored) -> No:
    said = reasons.say("somebody changed it meanwhile; look at it again")
    current = {"id": found.id, "text": found.text}
    who = found.texts[0].by
    return No(412, said, mark=str(found.edition), changed_by=who, current=current)


def _there(call: Call) -> Stored:
    found = _notes(the_site(call.path["code"]).code)
    one = next((one for one in found if one.id == call.path["note"]), None)
    if one is None:
        raise No(404)
    return one


def _notes(code: str) -> list[Stored]:
    with reading(centre().store) as connection:
        return notes.of_site(connection, code)


def _note(one: Stored) -> SiteNote:
    texts = tuple(NoteText(each.by, moment(each.at), each.text) for each in one.texts)
    return SiteNote(one.id, one.by, moment(one.at), one.text, texts, str(one.edition))


def _told(one: Stored) -> Reply:
    return Reply(_note(one), str(one.edition))


_NOTES = "/sites/{code}/notes"
ENDPOINTS = (
    Endpoint(
        "GET", "/sites/{code}/probe", "showProbe", "sites",
        "Where the last asking to probe now stands", _look, gives=Probing,
    ),
    Endpoint(
        "POST", "/sites/{code}/probe", "probeSite", "sites",
        "Have its agents probe everything now", _probe, gives=Probing, roles=ACTING,
        conflicts=True,
    ),
    Endpoint("GET", _NOTES, "listNotes", "sites", "What people wrote down about it, newest first",
             _list, gives=Listed[SiteNote], query=params.NUMBERED),
    Endpoint(
        "POST", _NOTES, "addNote", "sites", "Write a note", _add, gives=SiteNote, takes=NewNote,
        roles=ACTING, status=201, marked=True,
    ),
    Endpoint("GET", f"{_NOTES}/{{note}}", "showNote", "sites", "One note", _one, gives=SiteNote,
             marked=True),
    Endpoint(
        "PATCH", f"{_NOTES}/{{note}}", "changeNote", "sites",
        "Give a note another text; the earlier ones stay readable", _change, gives=SiteNote,
        takes=NewNote, roles=ACTING, marked=True, revised=True,
    ),
)  # fmt: skip
