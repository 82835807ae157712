"""What somebody wrote back: `OK 4821`, `SELESAI 4821`, or something else. Pure."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_CHARS = 1000
_TAKE = ("ok", "oke", "okay", "siap")
_DONE = ("selesai", "beres", "tertangani", "done")
_REPLY = re.compile(
    rf"(?P<verb>{'|'.join((*_TAKE, *_DONE))})[\s:.,#-]*(?P<number>[0-9]{{1,18}})(?![0-9])"
    r"(?P<note>.*)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_YES = re.compile(rf"(?:{'|'.join(_TAKE)})\b[^0-9]*\Z", re.IGNORECASE)
_MOST_YES_CHARS = 60
# what messengers put around words: directions of writing, joiners, quotes, bold
_AROUND = " \t\r\n\"'*_~`\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c"


class Verb(StrEnum):
    TAKE = "take"
    HANDLED = "handled"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said of which incident; `note` is what stands behind it."""

    verb: Verb
    incident: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that came in: by which channel, from which address, `id` as the gateway has it.

    `chat` is where it was written: a group, or the sender again; `alias` another name of theirs.
    """

    channel: str
    sender: str
    text: str
    id: str = ""
    chat: str = ""
    alias: str = ""


def parse(text: str) -> Reply | None:
    """The reply at the beginning of a message; None when it is none."""
    found = _REPLY.match(text[:MOST_CHARS].strip(_AROUND))
    if found is None or int(found["number"]) == 0:
        return None
    verb = Verb.HANDLED if found["verb"].lower() in _DONE else Verb.TAKE
    return Reply(verb, int(found["number"]), found["note"].strip(_AROUND + ".,:;!-"))


def agrees(text: str) -> bool:
    """Whether it says no more than yes: OK, siap, oke pak; not with an incident's number."""
    said = _YES.match(text.strip(_AROUND))
    return said is not None and len(text) <= _MOST_YES_CHARS


def phone(address: str) -> str:
    """The digits of a phone as they go abroad: 0812, +62 812, 62812@c.us, 62812:3@s.whatsapp.net.

    Empty when it is no phone: a group, a hidden number.
    """
    name, at, server = address.strip().partition("@")
    if at and server not in ("c.us", "s.whatsapp.net"):
        return ""
    name = name.partition(":")[0]
    digits = re.sub(r"[\s().-]", "", name).removeprefix("+")
    if digits.startswith("0") and not digits.startswith("00"):
        digits = f"62{digits[1:]}"
    return digits if re.fullmatch(r"[1-9][0-9]{7,14}", digits, re.ASCII) else ""


@dataclass(slots=True)
class Pace:
    """How often one sender is listened to and helped; what is over is counted, not kept."""

    every_s: float = 60.0
    most: int = 10
    help_every_s: float = 3600.0
    most_senders: int = 5000
    refused: int = 0
    _times: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _helped: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _seen: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def listens(self, sender: str, now: float) -> bool:
        """False when this sender writes more than anybody has to say."""
        recent = [at for at in self._times.pop(sender, ()) if 0 <= now - at < self.every_s]
        heard = len(recent) < self.most
        self._times[sender] = [*recent, now] if heard else recent
        self._trim(self._times)
        self.refused += not heard
        return heard

    def helps(self, sender: str, now: float) -> bool:
        """Whether to explain again how to answer."""
        before = self._helped.get(sender)
        if before is not None and 0 <= now - before < self.help_every_s:
            return False
        self._helped[sender] = now
        self._helped.move_to_end(sender)
        self._trim(self._helped)
        return True

    def fresh(self, heard: Heard) -> bool:
        """False when the gateway tells of the same message again."""
        key = (heard.channel, heard.id)
        if heard.id and key in self._seen:
            return False
        self._seen[key] = None
        self._trim(self._seen)
        return True

    def _trim(self, kept: OrderedDict[Any, Any]) -> None:
        while len(kept) > self.most_senders:
            kept.popitem(last=False)
