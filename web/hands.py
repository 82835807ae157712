"""The page behind the link in a message: what is broken, what to look at, one big button.

Whoever holds the link is who it was made for: no session, no cookie, no script. Looking changes
nothing, so that the previews of messengers may look; only the button acts.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import chronicle, hands, links, photos, recipients
from alerts.links import Opened, Why
from collector.db import reading, writing
from web import pictures, tongue
from web.context import centre, now
from web.hands_scene import scene
from web.pictures import photo_words
from web.tongue import lazy_gettext

bp = Blueprint("hands", __name__)

_STATUS = {Why.EXPIRED: 410, Why.FORGED: 403, Why.OTHER: 403}
_WORDS = {
    Why.EXPIRED: lazy_gettext("This link is too old. The newest message has a newer one."),
    Why.FORGED: lazy_gettext("This link is not whole, or not yours. Open it from the message."),
    Why.OTHER: lazy_gettext("This link belongs to another fault. Open it from the message."),
}


@bp.get("/t/<token>")
def show(token: str) -> tuple[str, int]:
    """What it is about; changes nothing."""
    tongue.speak(centre().settings.language)
    with reading(centre().store) as connection:
        opened = _open(connection, token, None)
        seen = (
            scene(connection, opened, centre().settings, now())
            if isinstance(opened, Opened)
            else None
        )
    if seen is None:
        return refusal(opened if isinstance(opened, Why) else Why.FORGED)
    said = photo_words(request.args.get("photo", ""))
    return render_template("hands.html", scene=seen, token=token, said=said), 200


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
