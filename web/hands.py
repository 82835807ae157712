"""The page behind the link in a message: what is broken, what to look at, one big button.

Whoever holds the link is who it was made for: no session, no cookie, no script. Looking changes
nothing, so that the previews of messengers may look; only the button acts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import chronicle, hands, incidents, links, message, people, photos, phrases, recipients
from alerts.incidents import Incident
from alerts.links import Opened, Why
from collector import inventory, states
from collector.db import reading, writing
from collector.inventory import Contact, Site, Uplink
from web import incident_words, pictures, tongue, words
from web.context import centre, now
from web.fourhours import FourHours, fourhours
from web.pictures import photo_words
from web.tongue import gettext, lazy_gettext

bp = Blueprint("hands", __name__)

_STATUS = {Why.EXPIRED: 410, Why.FORGED: 403, Why.OTHER: 403}
_WORDS = {
    Why.EXPIRED: lazy_gettext("This link is too old. The newest message has a newer one."),
    Why.FORGED: lazy_gettext("This link is not whole, or not yours. Open it from the message."),
    Why.OTHER: lazy_gettext("This link belongs to another fault. Open it from the message."),
}


# beside the steps of first aid, in their order: which lamp, which cable
_DRAWINGS = {"uplink": ("power", "los", "cable"), "fiber": ("los",)}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page shows of one incident to one person."""

    incident: Incident
    person: Contact
    headline: str
    shape: str
    word: str
    place: str
    since: str
    lasted: str
    over_at: str
    cause: str
    holder: str
    mine: bool
    steps: list[str]
    line: Uplink | None
    rooms: list[tuple[str, str]]
    clock: FourHours
    limit: str
    drawings: Sequence[str]
    photos: int
    most_photos: int


@bp.get("/t/<token>")
def show(token: str) -> tuple[str, int]:
    """What it is about; changes nothing."""
    tongue.speak(centre().settings.language)
    with reading(centre().store) as connection:
        opened = _open(connection, token, None)
        scene = _scene(connection, opened) if isinstance(opened, Opened) else None
    if scene is None:
        return refusal(opened if isinstance(opened, Why) else Why.FORGED)
    said = photo_words(request.args.get("photo", ""))
    return render_template("hands.html", scene=scene, token=token, said=said), 200


@bp.post("/t/<token>")
def act(token: str) -> Response | tuple[str, int]:
    """The button was pressed."""
    tongue.speak(centre().settings.language)
    note = request.form.get("note", "")[: chronicle.MOST_NOTE_CHARS]
    with writing(centre().store) as connection:
        opened = _open(connection, token, _about())
        if isinstance(opened, Why):
            return refusal(opened)
        _do(connection, opened, request.form.get("do", ""), note)
    # the page then says how it is, whoever was faster
    return redirect(url_for("hands.show", token=token), 303)


@bp.post("/t/<token>/photo")
def photo(token: str) -> Response | tuple[str, int]:
    """A photo of what was found; the page then says whether it is kept."""
    found = opened(token, _about())
    if isinstance(found, Why):
        return refusal(found)
    sent = request.files.get("photo")
    try:
        picture = pictures.fit(sent.read() if sent is not None else b"")
    except Refused as refused:
        return redirect(url_for("hands.show", token=token, photo=refused.problem), 303)
    with writing(centre().store) as connection:
        kept = photos.add(connection, found.incident, picture, found.person.name, now())
    return redirect(url_for("hands.show", token=token, photo=kept.name.lower()), 303)


def opened(token: str, incident: int | None = None) -> Opened | Why:
    """Whose link it is; `incident`: the one it must be about."""
    tongue.speak(centre().settings.language)
    with reading(centre().store) as connection:
        return _open(connection, token, incident)


def refusal(why: Why) -> tuple[str, int]:
    """The page that says why a link opens nothing."""
    return render_template("hands.html", scene=None, why=_WORDS[why]), _STATUS[why]


@bp.after_request
def keep_to_yourself(response: Response) -> Response:
    """The address is the key: no other page, cache or index is told of it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _about() -> int:
    """The incident that the form says it is about; 0 is none."""
    text = request.form.get("incident", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _do(connection: Connection, opened: Opened, what: str, note: str) -> None:
    by, role = opened.person.name, opened.person.role
    if what == "handled":
        hands.handled(connection, opened.incident, by, now(), note, role)
    elif what == "note":
        hands.note(connection, opened.incident, by, now(), note)
    else:
        hands.take(connection, opened.incident, by, now(), role)


def _open(connection: Connection, token: str, incident: int | None) -> Opened | Why:
    about = links.number(token)
    told = recipients.of_incident(connection, about) if about is not None else []
    opened = links.maker(centre().settings).open(token, told, now(), incident)
    if isinstance(opened, Opened):
        tongue.speak(opened.person.language)
    return opened


def _scene(connection: Connection, opened: Opened) -> Scene | None:
    found = incidents.find(connection, opened.incident)
    if found is None:
        return None
    person, language = opened.person, tongue.spoken()
    home = centre().settings.timezone
    site = inventory.site(connection, found.site) if found.site else None
    zone = inventory.zone(found.site, home) if found.site else ZoneInfo(home)
    around = inventory.contacts_for(connection, site) if site is not None else []
    holder = _holder(connection, found)
    until = now() if found.resolved_at is None else found.resolved_at
    shape = incident_words.shape(found, _state(connection, found.site))
    clock = fourhours(found, centre().settings.handled_within_s, now())
    return Scene(
        found,
        person,
        incident_words.headline(found),
        "normal" if found.over else shape,
        words.sentence(incident_words.state("resolved"))
        if found.over
        else incident_words.shape_word(shape, found),
        _place(site, language),
        message.local(found.down_since, zone, now(), language),
        message.lasted(until - found.down_since, language),
        message.local(until, zone, now(), language) if found.resolved_at is not None else "",
        message.cause(found.cause, found.confidence, language),
        holder,
        holder == person.name,
        phrases.first_aid(language, found.subject, found.cause),
        inventory.main_uplink(connection, site.code) if site is not None else None,
        [(c.name, people.number(c)) for c in around if c.role == "noc" and people.number(c)][:3],
        clock,
        message.local(clock.deadline_at, zone, now(), language),
        _DRAWINGS.get(found.cause) or _DRAWINGS.get(found.subject, ()),
        len(photos.of(connection, found.id)),
        photos.MOST_OF_ONE,
    )


def _state(connection: Connection, site: str) -> dict[str, str]:
    found = states.current(connection, [site]) if site else []
    return {one.code: str(one.state) for one in found}


def _place(site: Site | None, language: str) -> str:
    if site is None:
        return ""
    through = gettext("through %(isp)s", isp=site.isps[0]) if site.isps else ""
    named = message.place(site.code, site.name, language)
    return ", ".join(filter(None, (named, site.district, through)))


def _holder(connection: Connection, found: Incident) -> str:
    """Who handled it, else who has it."""
    done = chronicle.last(connection, found.id, hands.HANDLED)
    return done.by if done is not None else found.acknowledged_by
