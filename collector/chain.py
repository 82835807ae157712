"""The chain of acts: each is bound to all before it, and yet a name can be taken out of it.

What is chained is not the act but a digest of it under a salt of its own. Taking a name out
throws the salt away: the digest stays in its place, says nothing any more, and cannot be tried with
names. The act that did so names what the others say since, and is itself in the chain.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from collector.schema import act_blanks, acts

ERASED = "person_erased"
_SALT_BYTES = 16
_WORDS = ("at", "by", "verb", "subject", "body")
_REWRITTEN = ("by", "subject", "body")
_AT_ONCE = 500

# by act: which acts rewrote it, in their order, and the digest of what it says since each
Blanks = Mapping[int, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the whole chain found; `head` is worth writing down outside of the centre."""

    count: int
    blanked: int
    head: str
    broken: str = ""


def seal(words: Mapping[str, Any], before: str) -> dict[str, str]:
    """Salt, digest and link of an act that comes behind the link `before`."""
    salt = secrets.token_hex(_SALT_BYTES)
    digest = digest_of(words, salt)
    return {"salt": salt, "digest": digest, "link": link_of(before, digest)}


def digest_of(words: Mapping[str, Any], salt: str) -> str:
    """SHA-256 over the salt and what the act says."""
    told = [salt, float(words["at"]), *(words[name] for name in _WORDS[1:])]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def link_of(before: str, digest: str) -> str:
    """SHA-256 over the link before and the digest."""
    return hashlib.sha256(f"{before} {digest}".encode()).hexdigest()


def blank(connection: Connection, rows: Sequence[Mapping[str, Any]], erasure: int) -> None:
    """Rewrite acts, `rows` of id, by, subject, body, in the name of the erasing act; salts go."""
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _REWRITTEN}
    change = update(acts).where(acts.c.id == bindparam("act")).values(**new, salt="")
    for begin in range(0, len(rows), _AT_ONCE):
        some = rows[begin : begin + _AT_ONCE]
        values = [{f"new_{n}": row[n] for n in _REWRITTEN} | {"act": row["id"]} for row in some]
        connection.execute(change, values)
        now = select(acts).where(acts.c.id.in_([row["id"] for row in some]))
        told = [
            {"act": row["id"], "erasure": erasure, "digest": digest_of(dict(row), "")}
            for row in connection.execute(now).mappings()
        ]
        connection.execute(insert(act_blanks), told)


def fingerprint(rows: Iterable[Mapping[str, Any]]) -> str:
    """What an erasing act says of the acts it rewrote, `rows` with all their words, by id."""
    lines = [f"{row['id']} {digest_of(row, '')}" for row in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(slots=True)
class Walk:
    """How far the chain was followed: the last act, what was counted, and what erasures say."""

    last: int = 0
    count: int = 0
    blanked: int = 0
    head: str = ""
    broken: str = ""
    erasing: dict[int, str] = field(default_factory=dict)

    def on(self, connection: Connection, blanks: Blanks) -> None:
        """Follow it to its end."""
        while not self.broken and (rows := _some(connection, self.last)):
            for row in rows:
                self._step(row, blanks)
                if self.broken:
                    break

    def _step(self, row: Mapping[str, Any], blanks: Blanks) -> None:
        self.last, self.count = row["id"], self.count + 1
        self.blanked += row["id"] in blanks
        self.head = link_of(self.head, row["digest"])
        if row["link"] != self.head or not _says(row, blanks.get(row["id"])):
            self.broken = f"act {row['id']} is not as it was written"
        elif row["verb"] == ERASED:
            self.erasing[row["id"]] = str(json.loads(row["body"]).get("acts", ""))

    def checked(self) -> Checked:
        return Checked(self.count, self.blanked, self.head, self.broken)


def check(connection: Connection) -> Checked:
    """Follow the whole chain, and every rewriting; `broken` says where it does not hold."""
    return walk(connection).checked()


def walk(connection: Connection) -> Walk:
    """The same, to go on from later."""
    blanks, made = _blanks(connection), Walk()
    made.on(connection, blanks)
    made.broken = made.broken or _unfounded(blanks, made.erasing)
    return made


def stands(connection: Connection, made: Walk) -> bool:
    """Whether the chain still goes on from where it was followed to."""
    found = connection.execute(select(acts.c.link).where(acts.c.id == made.last)).scalar()
    return found == made.head if made.count else found is None


def rewritten(connection: Connection) -> tuple[int, int]:
    """Another pair as soon as an act is rewritten: how often that was done, and by which last."""
    query = select(func.count(), func.max(act_blanks.c.erasure))
    count, last = connection.execute(query).one()
    return int(count), int(last or 0)


def length(connection: Connection) -> int:
    """How many acts there are."""
    return int(connection.execute(select(func.count()).select_from(acts)).scalar() or 0)


def _says(row: Mapping[str, Any], blanks: Sequence[tuple[int, str]] | None) -> bool:
    if not blanks:
        return bool(row["salt"]) and digest_of(row, row["salt"]) == row["digest"]
    return not row["salt"] and digest_of(row, "") == blanks[-1][1]


def _unfounded(blanks: Blanks, told: Mapping[int, str]) -> str:
    """Rewritten acts that no erasing act vouches for."""
    lines: dict[int, list[str]] = {number: [] for number in told}
    for act, those in sorted(blanks.items()):
        for erasure, digest in those:
            if erasure not in lines:
                return f"act {act} was rewritten by no act"
            lines[erasure].append(f"{act} {digest}")
    for erasure, some in lines.items():
        if hashlib.sha256("\n".join(some).encode()).hexdigest() != told[erasure]:
            return f"act {erasure} rewrote others than it says"
    return ""


def _blanks(connection: Connection) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    query = select(act_blanks).order_by(act_blanks.c.act, act_blanks.c.erasure)
    for row in connection.execute(query):
        found.setdefault(row.act, []).append((row.erasure, row.digest))
    return found


def _some(connection: Connection, after: int) -> Sequence[Mapping[str, Any]]:
    query = select(acts).where(acts.c.id > after).order_by(acts.c.id).limit(_AT_ONCE)
    return [dict(row) for row in connection.execute(query).mappings()]
