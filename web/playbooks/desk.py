"""What pages of playbooks share: their blueprint, who reads, which playbook, which page."""

import re

from flask import Blueprint, abort, request

from agent.strict import Refused
from collector.secret import load_secret
from playbooks.model import Playbook
from web.context import centre, me
from web.people import User
from web.playbooks.shelf import shelf
from web.tongue import gettext

bp = Blueprint("playbooks", __name__, url_prefix="/playbooks")

_LAST_PAGE = 10_000


def reader() -> User:
    """Who asks."""
    user = me()
    return user if user is not None else abort(403)


def the_playbook(name: str) -> Playbook:
    """The one of this name; what is refused, or is none, is not there."""
    try:
        return shelf().get(name)
    except Refused:
        abort(404)


def secret() -> bytes:
    """The centre's, which seals logins."""
    return load_secret(centre().settings.folder)


def page_number() -> int:
    """The page of a list that is asked for."""
    text = request.args.get("page", "1")
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= _LAST_PAGE:
        abort(400, gettext("The page number is not a number."))
    return int(text)


def number_in(text: str) -> int | None:
    """A number as an address or a field has it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
