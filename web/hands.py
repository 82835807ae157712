"""The page behind the link in a message: what is broken, what to look at, one big button.

Whoever holds the link is who it was made for: no session, no cookie, no script. Looking changes
nothing, so that the previews of messengers may look; only the button acts.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import afterwards, chronicle, hands, links, photos, recipients
from alerts.hands import What
from alerts.links import Opened, Why
from alerts.responsible import PLN_PHONE
from collector.db import reading, writing
from web import pictures, tongue
from web.context import centre, now
from web.hands_scene import scene
from web.pictures import photo_words
from web.tongue import gettext, lazy_gettext

bp = Blueprint("hands", __name__)

_STATUS = {Why.EXPIRED: 410, Why.FORGED: 403, Why.OTHER: 403}
_WORDS = {
    Why.EXPIRED: lazy_gettext("This link is too old. The newest message has a newer one."),
    Why.FORGED: lazy_gettext("This link is not whole, or not yours. Open it from the message."),
    Why.OTHER: lazy_gettext("This link belongs to another fault. Open it from the message."),
}


# of a word about the cause
_BECAME = {
    "done": lazy_gettext("Written down. Thank you."),
    "list": lazy_gettext("Choose a cause of the list."),
    "changed": lazy_gettext("Somebody changed it meanwhile. Look at it again."),
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
    became = request.args.get("cause", "")
    said = photo_words(request.args.get("photo", "")) or str(_BECAME.get(became, ""))
    page = render_template(
        "hands.html", scene=seen, token=token, said=said, became=became, pln=PLN_PHONE
    )
    return page, 200


@bp.post("/t/<token>")
def act(token: str) -> Response | tuple[str, int]:
    """The button was pressed."""
    tongue.speak(centre().settings.language)
    note = request.form.get("note", "")[: chronicle.MOST_NOTE_CHARS]
    with writing(centre().store) as connection:
        opened = _open(connection, token, _about())
        if isinstance(opened, Why):
            return refusal(opened)
        what = request.form.get("do", "")
        if what == "cause":
            became = _cause(connection, opened)
            return redirect(url_for("hands.show", token=token, cause=became), 303)
        _do(connection, opened, what, note)
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


def _cause(connection: Connection, opened: Opened) -> str:
    """What became of somebody's word about the cause: a name in `_BECAME`."""
    cause, was = request.form.get("cause", ""), request.form.get("was", "")
    why = gettext("said by the link of the message")
    try:
        what = afterwards.say(connection, opened.incident, cause, was, why, opened.person, now())
    except Refused:
        return "list"
    return "done" if what is What.DONE else "changed"


def _open(connection: Connection, token: str, incident: int | None) -> Opened | Why:
    about = links.number(token)
    told = recipients.of_incident(connection, about) if about is not None else []
    opened = links.maker(centre().settings).open(token, told, now(), incident)
    if isinstance(opened, Opened):
        tongue.speak(opened.person.language)
    return opened
