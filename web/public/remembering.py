"""The ninety days of all public sites, looked up a few at a time before anybody asks for them."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from collector.db import reading
from collector.evidence.ninety import AGAIN_S, MOST_SITES
from web import context
from web.public.moment import desk, look

log = logging.getLogger(__name__)

_AT_ONCE = 5
# of a larger country the days are read where somebody looks at a village
_EVERY_S = AGAIN_S
# it shares the machine with everything else
_REST = 1.0


async def keep_up(app: Flask, stop: asyncio.Event) -> None:
    """Look again and again, until `stop`."""
    while context.of(app).settings.public and not stop.is_set():
        await asyncio.to_thread(remember, app, stop.is_set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY_S)


def remember(
    app: Flask, over: Callable[[], bool], rest: Callable[[float], object] = time.sleep
) -> int:
    """Once through all of them; how many that were."""
    count = 0
    with app.app_context():
        try:
            codes = look().shown.codes[:MOST_SITES]
            for begin in range(0, len(codes), _AT_ONCE):
                if over():
                    break
                begun = time.thread_time()
                some = codes[begin : begin + _AT_ONCE]
                with reading(context.centre().store) as connection:
                    count += len(desk().ninety.of(connection, some, context.centre().clock()))
                rest(_REST * (time.thread_time() - begun))
        except SQLAlchemyError as error:
            log.warning("the days of public sites: %s", error)
    return count
