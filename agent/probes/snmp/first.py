"""Asks devices that speak only SNMPv1 as if they spoke v2c: older cards of UPSes, above all.

v1 has no GETBULK, and an answer is refused whole for one name that the device has not: that one
is left out and the rest asked again. It has no counters of 64 bits; those of 32 are read.
"""

from collections.abc import Callable
from dataclasses import replace

from agent.probes.snmp.message import TOO_BIG, Ask, Row, Told

_NO_SUCH_NAME, _BAD_VALUE, _GEN_ERR = 2, 3, 5
# what older cards say of one name, whichever it is that they mean
_OF_ONE = (_NO_SUCH_NAME, _BAD_VALUE, _GEN_ERR)

Asker = Callable[[Ask, int], Told]


def of_first(ask: Asker) -> Asker:
    """An asker for v2c questions over one that can only ask those of v1."""

    def asking(question: Ask, tries: int) -> Told:
        following = question.following or question.repetitions > 0
        return _whole(ask, replace(question, repetitions=0, following=following), tries)

    return asking


def _whole(ask: Asker, question: Ask, tries: int) -> Told:
    """One row for each name; None is the value of one that is not there, or has none behind it."""
    left = list(enumerate(question.oids))
    rows: dict[int, Row] = {place: (name, None) for place, name in left}
    told = Told(0, 0, ())
    while left:
        told = ask(replace(question, oids=tuple(name for _, name in left)), tries)
        if not told.error:
            rows |= {place: row for (place, _), row in zip(left, told.rows, strict=False)}
            break
        if told.error not in _OF_ONE:
            return told
        if len(left) > 1 and not 0 < told.index <= len(left):
            # it does not say which one: the walker asks for fewer at once
            return replace(told, error=TOO_BIG)
        del left[max(0, told.index - 1) if len(left) > 1 else 0]
    return Told(told.request, 0, [rows[place] for place in sorted(rows)])
