"""What programs do about an incident: what its page offers, by the same powers and words."""

from functools import partial
from typing import Annotated, Any

from msgspec import Meta, Struct

from agent.strict import Refused
from alerts.photos import Kept
from web import incident_acts, powers, reasons
from web.api.incidents import WholeIncident, whole
from web.api.problems import No, Wrong
from web.api.table import Call, Endpoint, Reply, Schema
from web.incidents import MUTE_HOURS
from web.labels import CAUSES
from web.people import ROLES
from web.pictures import photo_words

# words that say something
Words = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Was = Annotated[
    str, Meta(max_length=200, description="what it is as far as you know; left out: nothing yet")
]


class Note(Struct, forbid_unknown_fields=True):
    note: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]


class Handled(Struct, forbid_unknown_fields=True):
    note: Annotated[str, Meta(max_length=500)] = ""


class Why(Struct, forbid_unknown_fields=True):
    why: Words


class Assigned(Struct, forbid_unknown_fields=True):
    person: Annotated[Words, Meta(description="a contact around it, or somebody who mends")]
    was: Was = ""


class Cause(Struct, forbid_unknown_fields=True):
    cause: Annotated[str, Meta(extra_json_schema={"enum": list(CAUSES)})]
    note: Annotated[Words, Meta(description="how you know")]
    was: Was = ""


class Ticket(Struct, forbid_unknown_fields=True):
    ticket: Annotated[Words, Meta(description="the provider's number for it")]
    at: Annotated[
        str,
        Meta(
            max_length=40,
            description="when they were told; without a zone: of the site; left out: now",
        ),
    ] = ""
    was: Was = ""


class Into(Struct, forbid_unknown_fields=True):
    into: Annotated[int, Meta(ge=1, le=2**53, description="the incident that it is part of")]


class Silence(Struct, forbid_unknown_fields=True):
    hours: Annotated[int, Meta(extra_json_schema={"enum": list(MUTE_HOURS)})]
    why: Words


class Alone(Struct, forbid_unknown_fields=True):
    site: Annotated[Words, Meta(description="the code of one of several that are still bad")]


class Later(Struct, forbid_unknown_fields=True):
    hours: Annotated[int, Meta(extra_json_schema={"enum": list(MUTE_HOURS)})]


class PhotoGone(Struct, forbid_unknown_fields=True):
    photo: Annotated[int, Meta(ge=1, le=2**53)]


_ACTS: dict[str, tuple[str, Any]] = {
    "take": ("Say that it is in your hands", None),
    "handled": ("Say that what could be done is done", Handled),
    "note": ("Add a word, also when it is over", Note),
    "pause": ("The clock stands: somebody else is waited for", Why),
    "resume": ("The clock goes on", None),
    "assign": ("Somebody is to work on it", Assigned),
    "cause": ("Put the cause right, also when it is over", Cause),
    "ticket": ("The provider's ticket", Ticket),
    "merge": ("It is part of another incident", Into),
    "mute": ("Nobody is told more of it for a while", Silence),
    "settle": ("What is good now is over, without waiting whether it stays so", None),
    "snooze": ("Nobody is told more of it until then; it stays what it is", Later),
    "split": ("A site of it is a matter of its own", Alone),
    "photo_remove": ("Take a photo away", PhotoGone),
}


def _act(verb: str, call: Call) -> Reply:
    words = {} if call.body is None else {f: str(getattr(call.body, f)) for f in _fields(call.body)}
    try:
        said = incident_acts.perform(call.path["number"], verb, words)
    except Refused as refused:
        field = _FIELDS.get(refused.place, refused.place)
        raise No(422, "", Wrong(field, reasons.say(refused.problem))) from None
    if said:
        raise No(409, said)
    return Reply(whole(call.path["number"]))


def _photo(call: Call) -> Reply:
    number = call.path["number"]
    try:
        kept = incident_acts.keep_photo(number, call.body)
    except Refused as refused:
        raise No(422, "", Wrong("photo", photo_words(refused.problem))) from None
    if kept is not Kept.DONE:
        raise No(409, photo_words(kept.name.lower()))
    return Reply(whole(number))


# what the floors below call otherwise
_FIELDS = {"for": "hours"}


def _fields(body: Struct) -> tuple[str, ...]:
    return body.__struct_fields__


def _endpoint(verb: str, about: str, takes: Any) -> Endpoint:
    path = f"/incidents/{{number}}/{verb.replace('_', '-')}"
    roles = _roles(verb)
    name = "".join(part.capitalize() for part in verb.split("_"))
    return Endpoint(
        "POST", path, f"incident{name}", "incidents", about, partial(_act, verb),
        gives=WholeIncident, takes=takes, roles=roles, conflicts=True,
    )  # fmt: skip


def _roles(verb: str) -> tuple[str, ...]:
    return tuple(role for role in ROLES if verb in powers.VERBS[role])


_FILE = Schema("PhotoFile", {"type": "string", "format": "binary", "minLength": 1}, bytes)
ENDPOINTS = (
    *(_endpoint(verb, *told) for verb, told in _ACTS.items()),
    Endpoint(
        "POST", "/incidents/{number}/photo", "incidentPhoto", "incidents",
        "Send a photo, 8 MB at most; what cameras write beside it is not kept", _photo,
        gives=WholeIncident, takes=_FILE, roles=_roles("photo"), conflicts=True,
        brings=("image/jpeg", "image/png"),
    ),
)  # fmt: skip
