"""The process that tells receivers: one thread for each, so that none waits for another."""

import gc
import logging
import threading
import time

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from collector import db
from collector.outward import store
from collector.outward.names import Names
from collector.outward.outlets import receivers
from collector.outward.post import Poster, Receiver
from collector.outward.sending import Sender
from collector.settings import Settings

log = logging.getLogger(__name__)

# what comes in within this time goes out together
IDLE_S = 1.0
TROUBLE_PAUSE_S = 5.0
END_S = 0.5
GC_EVERY = 100_000


def run(settings: Settings, stop: threading.Event) -> int:
    """Send until `stop`; Refused when a secret cannot be read."""
    # a tuple a sample and no cycles among them: at the usual pace looking for some took half
    gc.set_threshold(GC_EVERY, 20, 100)
    threads = [
        threading.Thread(target=_send, args=(settings, *told, stop), name=told[0], daemon=True)
        for told in receivers(settings).items()
    ]
    for thread in threads:
        thread.start()
    while not stop.is_set():
        # asked again and again: a watchdog waits for it
        stop.wait(IDLE_S)
    # one that waits for an answer is left behind: what it sent last is sent again
    for thread in threads:
        thread.join(END_S)
    return 0


def _send(settings: Settings, name: str, receiver: Receiver, stop: threading.Event) -> None:
    """Trouble with the database is told, waited out, and begun again from what is written."""
    while not stop.is_set():
        engine, history = db.open_store(settings), db.open_history(settings)
        poster = Poster(receiver)
        try:
            outlet = _wait_for(engine, name, stop)
            if outlet is not None:
                names = Names(engine, history)
                folder = settings.folder / "outward"
                sender = Sender(outlet, folder, engine, names, poster, stop.wait, time.time)
                _until_stop(sender, stop)
        except (SQLAlchemyError, OSError) as error:
            log.warning("%s: cannot go on now: %s", name, error)
        except Exception:
            # one that ends would leave the others to look as if all were well
            log.exception("%s: stumbled, and begins again from its last position", name)
        finally:
            poster.close()
            engine.dispose()
            history.dispose()
        stop.wait(TROUBLE_PAUSE_S)


def _until_stop(sender: Sender, stop: threading.Event) -> None:
    try:
        sender.remember()
        while not stop.is_set():
            if sender.step() == 0:
                stop.wait(IDLE_S)
    finally:
        sender.close()


def _wait_for(engine: Engine, name: str, stop: threading.Event) -> store.Outlet | None:
    """The row, once the fold has made it."""
    while not stop.is_set():
        if (found := store.find(engine, name)) is not None:
            return found
        stop.wait(IDLE_S)
    return None
