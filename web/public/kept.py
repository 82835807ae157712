"""Answers that are kept for whoever asks next: ready to send, in bounded memory.

An answer is fresh as long as it says itself; for a while after that it is still given to those who
come while it is made anew; and where making fails, for as long as `OLD_S` lets it.
"""

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from web.bridge import Answer

# who comes late by no more than an answer was fresh still gets it at once, and it is made anew
STALE_S = 60.0
# where it cannot be made anew: the page says itself when it was true
OLD_S = 600.0
MOST, MOST_BYTES = 4000, 64 << 20

_AGE = re.compile(rb"\bpublic\b.*\bmax-age=(\d{1,9})")
_WORTH_PACKING = 600
_PACKED_KINDS = (b"text/", b"image/svg", b"application/atom", b"application/json")
# of what Flask says only this goes on: above all no cookie
_PASSED = frozenset(
    {
        b"content-type",
        b"cache-control",
        b"content-security-policy",
        b"x-content-type-options",
        b"referrer-policy",
        b"permissions-policy",
        b"strict-transport-security",
        b"cross-origin-resource-policy",
        b"access-control-allow-origin",
        b"last-modified",
        b"link",
    }
)

Age = Enum("Age", "FRESH STALE OLD GONE")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer in both forms, with its mark; `made` and `fresh_s` on the keeper's clock."""

    tag: bytes
    plain: Answer
    packed: Answer
    unchanged: Answer
    made: float
    fresh_s: float

    def age(self, now: float) -> Age:
        """How far it may still be given."""
        late = now - self.made - self.fresh_s
        if late < 0:
            return Age.FRESH
        given = min(self.fresh_s, STALE_S)
        return Age.STALE if late < given else Age.OLD if late < OLD_S else Age.GONE

    def size(self) -> int:
        """Bytes it takes."""
        return len(self.plain.body) + len(self.packed.body) + 1024

    def to(self, packs: bool, known: bytes) -> Answer:
        """What somebody gets who unpacks, or not, and knows an answer of this mark already."""
        if known and (known == b"*" or self.tag in known):
            return self.unchanged
        return self.packed if packs else self.plain


def ready(answer: Answer, now: float) -> Ready | None:
    """An answer as it is kept; None where it is none for everybody."""
    said = dict(answer.headers)
    found = _AGE.search(said.get(b"cache-control", b""))
    if answer.status != 200 or found is None or b"set-cookie" in said:
        return None
    tag = b'"%s"' % hashlib.sha256(answer.body).hexdigest()[:16].encode()
    headers = [pair for pair in answer.headers if pair[0] in _PASSED]
    headers += [(b"etag", tag), (b"vary", b"Accept-Encoding")]
    plain = _with(200, headers, answer.body)
    packed = plain
    kind = said.get(b"content-type", b"")
    if len(answer.body) >= _WORTH_PACKING and kind.startswith(_PACKED_KINDS):
        small = gzip.compress(answer.body, 9, mtime=0)
        packed = _with(200, [*headers, (b"content-encoding", b"gzip")], small)
    unchanged = Answer(304, tuple(headers))
    return Ready(tag, plain, packed, unchanged, now, float(found[1]))


def _with(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Answer:
    length = (b"content-length", str(len(body)).encode())
    return Answer(status, (*headers, length), body)


class Kept:
    """The answers that were asked for last; one thread's."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._by_key: OrderedDict[Key, Ready] = OrderedDict()
        self.bytes = self.dropped = 0

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: Key) -> Ready | None:
        """What is kept of it."""
        found = self._by_key.get(key)
        if found is not None:
            self._by_key.move_to_end(key)
        return found

    def put(self, key: Key, ready: Ready) -> None:
        """Keep it; what nobody asked for longest goes."""
        self.drop(key)
        self._by_key[key] = ready
        self.bytes += ready.size()
        while len(self._by_key) > self._most or self.bytes > self._most_bytes:
            _, gone = self._by_key.popitem(last=False)
            self.bytes -= gone.size()
            self.dropped += 1

    def drop(self, key: Key) -> None:
        """Keep it no longer."""
        if (old := self._by_key.pop(key, None)) is not None:
            self.bytes -= old.size()
