"""What is done before anybody opens a page, so that the first reader waits no longer than others.

Templates, patterns of reasons and statements are made when they are first used, which costs half a
second of the first page; and a collection of all that a console holds costs any page a tenth.
"""

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from collector import reasons
from web import context, crowd_day, people, signins, tongue
from web.facts import Facts
from web.midnights import midnights
from web.people import User

# the pages that are opened most, as somebody sees them who sees everything
_PAGES = ("/", "/sites/", "/incidents")
# new objects between two looks for rings of garbage; a page leaves a few hundred
_NEW_OBJECTS = 10_000


def warm(app: Flask, over: Callable[[], bool] = lambda: False) -> None:
    """Read all sites, make what pages are made of, then leave all of it out of collections.

    `over` is asked before each small step: a console that is to stop waits for none of it.
    """
    with contextlib.suppress(SQLAlchemyError), app.app_context():
        for step in _steps(app):
            if over():
                return
            step()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


def _steps(app: Flask) -> Iterator[Callable[[], object]]:
    # what is in the database last: the rest is made without it, too
    for name in app.jinja_env.list_templates(extensions=("html",)):
        yield partial(app.jinja_env.get_template, name)
    for sentence in reasons.sentences():
        yield partial(reasons.learn, sentence)
    facts = context.facts()
    directory = facts.regency()[0]
    yield partial(facts.written, directory)
    store = context.centre().store
    yield partial(people.user, store, "")
    yield partial(signins.holder, store, "", "")
    for path in (*_PAGES, *(f"/sites/{code}" for code in directory.codes[:1])):
        yield partial(_show_nobody, app, path)
    yield from _yesterday(facts, directory.names.rows.tolist())


def _yesterday(facts: Facts, rows: Sequence[int]) -> Iterator[Callable[[], object]]:
    """How many people were online since yesterday, site by site, before anybody sees a curve."""
    day = facts.crowd.day
    day.filling = True
    try:
        yield from _remembering(facts, rows)
    finally:
        day.filling = False


def fill_in(app: Flask, over: Callable[[], bool] = lambda: False) -> None:
    """The same once more of sites with gaps: what was told late is in the history by now."""
    with contextlib.suppress(SQLAlchemyError), app.app_context():
        facts = context.facts()
        for step in _remembering(facts, facts.regency()[0].names.rows.tolist()):
            if over():
                return
            step()


def _remembering(facts: Facts, rows: Sequence[int]) -> Iterator[Callable[[], object]]:
    """Site by site where an hour since yesterday has no number; not of a whole country."""
    now = context.now()
    start = midnights(now, context.home_zone(), 2)[0]
    if len(rows) > crowd_day.MOST_SITES:
        return
    day = facts.crowd.day
    for row in day.gaps(rows, start, now):
        yield partial(day.remember, facts.numbers, row, start, now)


def _show_nobody(app: Flask, path: str) -> None:
    with app.request_context(EnvironBuilder(path).get_environ()):
        g.user = User("", "admin")
        with (
            contextlib.suppress(HTTPException),
            tongue.speaking(context.centre().settings.language),
        ):
            app.dispatch_request()
