"""The other tables of a report as CSV: one line for each outage, incident, correction, change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from collector.evidence.faults import fault_of
from collector.evidence.moments import iso
from collector.evidence.report import Report
from collector.evidence.spells import Spell

Table = tuple[Sequence[str], Callable[[Report], Iterator[Sequence[Any]]]]

_SPELL = ("begin", "end", "seconds", "cause", "fault", "confidence_percent", "source", "evidence")


def _spell(spell: Spell) -> list[Any]:
    ends = [iso(spell.begin), iso(spell.end), spell.seconds]
    words = [spell.cause or "unknown", fault_of(spell.cause), spell.percent, spell.source]
    return [*ends, *words, "; ".join(spell.evidence)]


def _outages(report: Report) -> Iterator[Sequence[Any]]:
    for number, event in enumerate(report.events, start=1):
        for part in event.outage.parts:
            yield [number, event.kind, event.site, event.name, *_spell(part)]


def _incidents(report: Report) -> Iterator[Sequence[Any]]:
    for each in report.handled:
        one, clocks = each.course, each.clocks
        named = [one.id, one.site, one.subject, one.title, one.cause or "unknown"]
        times = [one.down_since, one.opened_at, one.acknowledged_at, one.handled_at]
        took = [clocks.detected_s, clocks.acknowledged_s, clocks.handled_s, clocks.mended_s]
        when = [iso(moment) for moment in (*times, one.resolved_at)]
        yield [*named, *when, *took, clocks.paused_s, str(clocks.kept), one.ticket]


def _corrections(report: Report) -> Iterator[Sequence[Any]]:
    for each in report.corrected:
        said = each.spell.said
        was = [] if said is None else [iso(said.at), said.cause, "; ".join(said.evidence)]
        yield [each.site, *_spell(each.spell), each.by, each.why, *was]


def _changes(report: Report) -> Iterator[Sequence[Any]]:
    for each in report.changes:
        for state, seconds in each.seconds.items():
            yield [each.month, each.day, each.site, each.record, each.replaces, state, seconds, ""]
    for one in report.paid:
        yield [one.month, "", one.contract, one.record, one.replaces, "", "", one.rupiah]


PARTS: Mapping[str, Table] = {
    "outages": (("outage", "kind", "site", "name", *_SPELL), _outages),
    "incidents": (
        (
            *("id", "site", "subject", "title", "cause", "down_since", "opened_at"),
            *("acknowledged_at", "handled_at", "resolved_at", "detected_s", "acknowledged_s"),
            *("handled_s", "mended_s", "paused_s", "kept", "ticket"),
        ),
        _incidents,
    ),
    "corrections": (
        ("site", *_SPELL, "by", "why", "corrected_at", "was", "was_evidence"),
        _corrections,
    ),
    "changes": (
        ("month", "day", "what", "record", "replaces", "state", "seconds", "rupiah"),
        _changes,
    ),
}
