"""The page behind the link in a message: what is broken, what to look at, one big button.

Whoever holds the link is who it was made for: no session, no cookie, no script. Looking changes
nothing, so that the previews of messengers may look; only the button acts.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from alerts import chronicle, hands, incidents, links, message, people, phrases, recipients
from alerts.incidents import Incident
from alerts.links import Opened, Why
from collector import inventory
from collector.db import reading, writing
from collector.inventory import Contact, Uplink
from web import tongue
from web.context import centre, now
from web.tongue import lazy_gettext

bp = Blueprint("hands", __name__)

_STATUS = {Why.EXPIRED: 410, Why.FORGED: 403, Why.OTHER: 403}
_WORDS = {
    Why.EXPIRED: lazy_gettext("This link is too old. The newest message has a newer one."),
    Why.FORGED: lazy_gettext("This link is not whole, or not yours. Open it from the message."),
    Why.OTHER: lazy_gettext("This link belongs to another fault. Open it from the message."),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page shows of one incident to one person."""

    incident: Incident
    person: Contact
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


@bp.get("/t/<token>")
def show(token: str) -> tuple[str, int]:
    """What it is about; changes nothing."""
    tongue.speak(centre().settings.language)
    with reading(centre().store) as connection:
        opened = _open(connection, token, None)
        scene = _scene(connection, opened) if isinstance(opened, Opened) else None
    if scene is None:
        return _refusal(opened if isinstance(opened, Why) else Why.FORGED)
    return render_template("hands.html", scene=scene, token=token, why=""), 200


@bp.post("/t/<token>")
def act(token: str) -> Response | tuple[str, int]:
    """The button was pressed."""
    tongue.speak(centre().settings.language)
    about = request.form.get("incident", "")
    number = int(about) if about.isascii() and about.isdigit() and len(about) < 20 else 0
    note = request.form.get("note", "")[: chronicle.MOST_NOTE_CHARS]
    with writing(centre().store) as connection:
        opened = _open(connection, token, number)
        if isinstance(opened, Why):
            return _refusal(opened)
        by = opened.person.name
        if request.form.get("do") == "handled":
            hands.handled(connection, opened.incident, by, now(), note, opened.person.role)
        else:
            hands.take(connection, opened.incident, by, now(), opened.person.role)
    # the page then says how it is, whoever was faster
    return redirect(url_for("hands.show", token=token), 303)


@bp.after_request
def keep_to_yourself(response: Response) -> Response:
    """The address is the key: no other page, cache or index is told of it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _open(connection: Connection, token: str, incident: int | None) -> Opened | Why:
    about = links.number(token)
    told = recipients.of_incident(connection, about) if about is not None else []
    opened = links.maker(centre().settings).open(token, told, now(), incident)
    if isinstance(opened, Opened):
        tongue.speak(opened.person.language)
    return opened


def _refusal(why: Why) -> tuple[str, int]:
    return render_template("hands.html", scene=None, why=_WORDS[why]), _STATUS[why]


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
    return Scene(
        found,
        person,
        message.place(site.code, site.name, language) if site is not None else "",
        message.local(found.down_since, zone, now(), language),
        message.lasted(until - found.down_since, language),
        message.local(until, zone, now(), language) if found.resolved_at is not None else "",
        message.cause(found.cause, found.confidence, language),
        holder,
        holder == person.name,
        phrases.first_aid(language, found.subject, found.cause),
        inventory.main_uplink(connection, site.code) if site is not None else None,
        [(c.name, people.number(c)) for c in around if c.role == "noc" and people.number(c)][:3],
    )


def _holder(connection: Connection, found: Incident) -> str:
    """Who handled it, else who has it."""
    done = chronicle.last(connection, found.id, hands.HANDLED)
    return done.by if done is not None else found.acknowledged_by
