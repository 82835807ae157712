"""The page behind the link in a trial message: one button that says that it came.

Whoever holds the link is who it was made for; looking changes nothing, as with other links.
"""

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from alerts import links, rollcall
from alerts.links import Opened, Why
from collector.db import reading, writing
from web import tongue
from web.context import centre, now
from web.hands import keep_to_yourself, refusal

bp = Blueprint("trial", __name__)
bp.after_request(keep_to_yourself)


@bp.get("/k/<token>")
def show(token: str) -> tuple[str, int]:
    """Whom the message was for, and whether they have answered."""
    tongue.speak(centre().settings.language)
    with reading(centre().store) as connection:
        opened = _open(connection, token)
        if isinstance(opened, Why):
            return refusal(opened)
        said = rollcall.confirmed(connection, opened.incident, opened.person)
    return render_template("trial.html", name=opened.person.name, token=token, said=said), 200


@bp.post("/k/<token>")
def act(token: str) -> Response | tuple[str, int]:
    """The button was pressed."""
    tongue.speak(centre().settings.language)
    with writing(centre().store) as connection:
        opened = _open(connection, token)
        if isinstance(opened, Why):
            return refusal(opened)
        rollcall.confirm(connection, opened.incident, opened.person, now())
    return redirect(url_for("trial.show", token=token), 303)


def _open(connection: Connection, token: str) -> Opened | Why:
    number = links.number(token)
    asked = rollcall.called(connection, number) if number is not None else []
    maker = links.maker(centre().settings)
    opened = maker.open(token, asked, now(), action=links.TRIAL)
    if isinstance(opened, Opened):
        # as the message was
        tongue.speak(opened.person.language)
    return opened
