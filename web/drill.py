"""On every page of a demo, first of all: that it is a drill, and how much of its past is told."""

import re

from flask import Response

from collector.db import reading
from collector.demo import mark
from collector.settings import DEMO
from web import words
from web.context import centre
from web.tongue import gettext

_BODY = re.compile(r"<body[^>]*>")


def said() -> str:
    """One line for whoever looks."""
    with reading(centre().store) as connection:
        book = mark.read(connection)
    told = book.told if book is not None else 0.0
    line = gettext("DRILL (LATIHAN): this regency does not exist, no message leaves this machine.")
    if told < 1:
        line += " " + gettext("%(told)s of its past is told.", told=words.share(told, 0))
    return line


def word() -> str:
    """What stands across a paper of a demo; empty for a centre."""
    return DEMO if centre().settings.demo else ""


def mark_page(response: Response) -> None:
    """Put the line into a page of a demo; anything else stays as it is."""
    page = response.mimetype == "text/html" and not response.is_streamed
    if not page or not centre().settings.demo:
        return
    line = f'<p class="drill" role="note">{said()}</p>'
    body = response.get_data(as_text=True)
    response.set_data(_BODY.sub(lambda found: found[0] + line, body, count=1))
