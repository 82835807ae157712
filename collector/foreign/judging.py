"""Which series of a request we keep, and what is told of the others, one by one by name."""

import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from agent.strict import Refused
from collector.foreign.carrying import Line, key_of, spell
from collector.foreign.protobuf import Sent
from collector.granted import Granted

NAME = "__name__"
OURS = "ronda_"
# what the centre says of its sites; only a sender that is a site itself may say which
RESERVED = frozenset({"site", "village", "district", "regency", "isp", "upstream"})
MOST_LABELS = 64
MOST_LABEL_NAME_BYTES = 256
MOST_LABEL_VALUE_BYTES = 2048
AHEAD_S = 86400.0
# of the refused ones so many are named in an answer
NAMED = 20
_SHOWN = 80
# label sets kept in mind; those of a few senders
REMEMBERED = 20_000
Sites = frozenset[str] | Granted


class Seats(Protocol):
    """How many series there may be."""

    def take(self, key: bytes) -> bool:
        """True when the series is known, or there is room for it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one sender may send now: its own sites, and times in [oldest_ms, newest_ms]."""

    sites: Sites
    oldest_ms: int
    newest_ms: int


@dataclass(slots=True)
class Judged:
    """What is kept; what is not, counted by reason, the first of it by name."""

    lines: list[Line] = field(default_factory=list)
    samples: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)
    # what came along and is kept nowhere, by kind
    passed_over: Counter[str] = field(default_factory=Counter)

    def refuse(self, reason: str, name: str, problem: str) -> None:
        self.refused[reason] += 1
        if len(self.named) < NAMED:
            self.named.append(f"{name}: {problem}")

    def told(self) -> str:
        """One line for each that was refused; empty when nothing was."""
        more = self.refused.total() - len(self.named)
        return "".join(f"{line}\n" for line in [*self.named, *([f"and {more} more"] * (more > 0))])


def judge(sent: Iterable[Sent], rules: Rules, seats: Seats) -> Judged:
    """Keep what can be kept of a request."""
    judged = Judged()
    for series in sent:
        judged.passed_over["exemplar"] += series.exemplars
        judged.passed_over["metadata"] += series.metadata
        try:
            if series.problem is not None:
                raise series.problem
            if len(series.labels) > MOST_LABELS:
                many = f"{len(series.labels)} labels; {MOST_LABELS} are the most"
                raise Refused("labels", many)
            spelled, key = _named(tuple(series.labels), rules.sites)
        except Refused as refused:
            judged.refuse(refused.place, _called(series), refused.problem)
            continue
        if series.histograms:
            judged.refuse("histogram", _called(series), "native histograms are not kept")
        if not series.times_ms:
            continue
        if not seats.take(key):
            judged.refuse("too many series", _called(series), "there are as many as may be")
            continue
        _samples(series, spelled, rules, judged)
    return judged


def _samples(series: Sent, labels: bytes, rules: Rules, judged: Judged) -> None:
    times, bits = series.times_ms, series.bits
    if min(times) < rules.oldest_ms or max(times) > rules.newest_ms:
        pairs = zip(times, bits, strict=True)
        inside = [pair for pair in pairs if rules.oldest_ms <= pair[0] <= rules.newest_ms]
        outside = len(times) - len(inside)
        problem = f"{outside} samples older than what is kept, or of the future"
        judged.refuse("time", _called(series), problem)
        times, bits = [time for time, _ in inside], [value for _, value in inside]
    if times:
        n = len(times)
        judged.samples += n
        packed = struct.pack(f"<{n}q", *times), struct.pack(f"<{n}Q", *bits)
        judged.lines.append(Line(labels, *packed))


@lru_cache(REMEMBERED)
def _named(labels: tuple[tuple[bytes, bytes], ...], sites: Sites) -> tuple[bytes, bytes]:
    """The one spelling of a series, and its key; senders repeat the same ones for ever."""
    spelled = spell(_labels(labels, sites))
    return spelled, key_of(spelled)


def _labels(labels: Iterable[tuple[bytes, bytes]], sites: Sites) -> dict[str, str]:
    """The labels that count, or Refused(kind of reason, what is wrong)."""
    found: dict[str, str] = {}
    for name, value in labels:
        _check_label(name, value)
        text = name.decode()
        if text in found:
            raise Refused("labels", f"label {text} stands twice")
        found[text] = value.decode()
    # an empty label is one that is not there
    found = {name: value for name, value in found.items() if value}
    metric = found.get(NAME)
    if metric is None:
        raise Refused("no name", f"no {NAME}")
    if metric.startswith(OURS):
        raise Refused("reserved", f"names that begin with {OURS} are the centre's own")
    for label in sorted(RESERVED & found.keys()):
        if label != "site" or found[label] not in sites:
            raise Refused("reserved", f"label {label} is the centre's own")
    return found


def _check_label(name: bytes, value: bytes) -> None:
    if not name:
        raise Refused("labels", "a label without a name")
    if len(name) > MOST_LABEL_NAME_BYTES or len(value) > MOST_LABEL_VALUE_BYTES:
        most = f"{MOST_LABEL_NAME_BYTES} and {MOST_LABEL_VALUE_BYTES} bytes are the most"
        raise Refused("labels", f"label {_shown(name)} or its value is too long; {most}")
    try:
        name.decode(), value.decode()
    except UnicodeDecodeError:
        raise Refused("labels", f"label {_shown(name)} is not UTF-8") from None


def _called(series: Sent) -> str:
    """How an answer names a series."""
    labels = dict(series.labels)
    metric = labels.pop(NAME.encode(), b"")
    inside = ",".join(f"{_shown(k)}={_shown(v)}" for k, v in sorted(labels.items())[:MOST_LABELS])
    return f"{_shown(metric)}{{{inside}}}"[:300]


def _shown(text: bytes) -> str:
    # a label may hold anything, also what a terminal would obey
    told = text[:_SHOWN].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in told)
