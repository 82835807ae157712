"""What somebody writes to the bot to follow a place, to say yes, and to stop.

Only what is theirs: in a chat with the bot alone, about that chat. What is answered goes out with
the rest of what followers hear.
"""

import re

from sqlalchemy import Connection

from alerts import followers
from alerts.followers import AGREED, FOLLOWING, LEAVING, TELEGRAM, WAITING
from alerts.replies import Heard
from collector.inventory import places

# what stands behind `t.me/BOT?start=`: it may hold no dot
START = "ikut-"
_BEGIN = re.compile(
    rf"(?:/start\s+{START}|/?ikut\s+)(?P<area>\d\d(?:[_.]\d\d(?:[_.]\d\d(?:[_.]\d{{4}})?)?)?)"
    r"(?P<site>-[A-Za-z0-9][A-Za-z0-9_-]{0,31})?",
    re.IGNORECASE | re.ASCII,
)
_YES = re.compile(r"(?:ya|iya|yes)\W{0,3}", re.IGNORECASE)
_STOP = re.compile(r"/?(?:berhenti|stop)\W{0,3}", re.IGNORECASE)


def start_of(place: str) -> str:
    """What a link to the bot carries for a place."""
    return START + place.replace(".", "_")


def place_of(text: str) -> str:
    """The place that somebody wants to follow; empty where the words are others."""
    found = _BEGIN.fullmatch(text.strip())
    if found is None:
        return ""
    code = found["area"].replace("_", ".") + (found["site"] or "")
    sound = places.AREA_CODE.fullmatch(code) or places.SITE_CODE.fullmatch(code)
    return code if sound else ""


def hear(connection: Connection, heard: Heard, language: str, now: float) -> bool:
    """Whether it was for us; then it is done."""
    if heard.chat not in ("", heard.sender) or not followers.open_to_all(connection):
        return False
    text, mine = heard.text.strip(), followers.at(connection, TELEGRAM, heard.sender)
    if place := place_of(text):
        followers.ask(connection, place, TELEGRAM, heard.sender, language, now)
        return True
    if _YES.fullmatch(text):
        waiting = [one for one in mine if one.state == WAITING]
        return bool(waiting) and followers.move(connection, waiting[0], AGREED, now)
    if _STOP.fullmatch(text) and mine:
        for one in mine:
            # one of them hears goodbye
            if one is mine[0] and one.state in (AGREED, FOLLOWING):
                followers.move(connection, one, LEAVING)
            else:
                followers.remove(connection, one.id)
        return True
    return False
