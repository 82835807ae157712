"""What a sealed record says, in one spelling, and how it is bound to all before it. Pure.

A record's digest is taken over its number, what it is of, when it was sealed, which it replaces,
and what it tells; the link of each is taken over the link before and its digest.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from collector.evidence.lines import Line
from collector.evidence.spells import Said, Spell

DAY, SHEET, TERMS = "day", "sheet", "terms"
# what came before the first
START = ""
_MOST_BYTES = 8 << 20
# source, cause, percent, evidence, word of what nobody needs to be told
_PLAIN: Sequence[Any] = ("live", "", 0, [], None)


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `day` is a site's day as 2026-10-31, of a refund sheet the month as 2026-10.

    `epoch`: of the centre, another one after it was restored from a backup.
    """

    number: int
    kind: str
    subject: str
    day: str
    sealed_at: int
    replaces: int | None
    epoch: str
    told: Mapping[str, Any]

    def text(self) -> bytes:
        """The one spelling of it."""
        return spelled(
            {
                "v": 1,
                "n": self.number,
                "kind": self.kind,
                "subject": self.subject,
                "day": self.day,
                "sealed_at": self.sealed_at,
                "replaces": self.replaces,
                "epoch": self.epoch,
                "told": self.told,
            }
        )


def read(text: bytes) -> Record:
    """A record from its spelling; ValueError where it is none."""
    try:
        # a month of a regency is ten thousand of them: json takes four times as long
        found = msgspec.json.decode(text)
        return Record(
            found["n"],
            found["kind"],
            found["subject"],
            found["day"],
            found["sealed_at"],
            found["replaces"],
            found["epoch"],
            found["told"],
        )
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise ValueError(f"no record: {error}") from error


def spelled(thing: Any) -> bytes:
    """JSON with sorted keys and nothing between."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def digest(text: bytes) -> str:
    """SHA-256, as 64 characters."""
    return hashlib.sha256(text).hexdigest()


def link(before: str, digest: str) -> str:
    """SHA-256 over the link before and a digest."""
    return hashlib.sha256(f"{before} {digest}".encode()).hexdigest()


def packed(text: bytes) -> bytes:
    """As it is stored."""
    return zlib.compress(text, 6)


def unpacked(body: bytes) -> bytes:
    """What was packed; ValueError where it was not, or is far too large."""
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(body, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not reader.eof or reader.unused_data:
        raise ValueError("no whole record")
    return text


def told_of(begin: int, end: int, zone: str, lines: Sequence[Line]) -> dict[str, Any]:
    """What a record tells of a site's day. A spell is told by its length, so that the seconds of
    a line are those of the day however it is read."""
    rows = [
        [line.kind, line.name, line.detail, [_row(spell) for spell in line.spells]]
        for line in lines
    ]
    return {"from": begin, "to": end, "zone": zone, "lines": rows}


def lines_of(told: Mapping[str, Any]) -> list[Line]:
    """The timelines that a record of a day tells."""
    made = []
    for kind, name, detail, rows in told["lines"]:
        at, spells = int(told["from"]), []
        for row in rows:
            spell = _spell(at, row)
            spells.append(spell)
            at = spell.end
        made.append(Line(kind, name, detail, tuple(spells)))
    return made


def _row(spell: Spell) -> list[Any]:
    said = spell.said
    word = said and [said.at, said.cause, said.percent, list(said.evidence)]
    rest = [spell.source, spell.cause, spell.percent, list(spell.evidence), word]
    # most are normal and live, and a country has a hundred thousand of them a day
    while rest and rest[-1] == _PLAIN[len(rest) - 1]:
        rest.pop()
    return [spell.seconds, str(spell.state), *rest]


def _spell(at: int, row: Sequence[Any]) -> Spell:
    seconds, state, *rest = row
    source, cause, percent, evidence, word = [*rest, *_PLAIN[len(rest) :]]
    said = word and Said(word[0], word[1], word[2], tuple(word[3]))
    return Spell(at, at + seconds, state, cause, percent, source, tuple(evidence), said)
