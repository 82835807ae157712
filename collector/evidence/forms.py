"""A report as CSV and as JSON; floors above add forms of their own to the command."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from collector.availability import State
from collector.cause import CAUSES
from collector.evidence.clocks import kept_share
from collector.evidence.faults import FAULTS, fault_of
from collector.evidence.moments import iso
from collector.evidence.parts import PARTS
from collector.evidence.report import Event, Report, Row
from collector.evidence.spells import Spell
from collector.evidence.tally import STATES, Tally
from collector.inventory.sheet import escape
from collector.settings import Settings

# what a form is made by: a report in, the bytes of a file out
Write = Callable[[Report, Settings], Iterable[bytes]]

_CAUSES = (*(cause for cause in CAUSES if cause != "unknown"), "unknown")
_NAMED = ("kind", "code", "name", "site", "isp", "district", "owner", "schedule")
_SUMS = ("outages", "carried_in", "mttr_s", "mtbf_s", "longest_s")
COLUMNS = (
    "from", "to", *_NAMED, "period_s", *(f"{state}_s" for state in STATES),
    "availability_percent", "normal_percent", *_SUMS, "not_counted_s", "corrected_s",
    *(f"fault_{fault}_s" for fault in FAULTS), *(f"down_{cause}_s" for cause in _CAUSES),
    "unknown_power_s", "as_of", "head",
)  # fmt: skip


def as_csv(report: Report, settings: Settings) -> Iterator[bytes]:
    """One line for each thing and schedule: the five states add up to `period_s`; or of the part
    that was asked for."""
    if (part := PARTS.get(report.order.part)) is not None:
        columns, rows = part
        yield csv_line(columns)
        yield from map(csv_line, rows(report))
        return
    yield csv_line(COLUMNS)
    period = report.order.period
    ends = [period.first.isoformat(), period.after.isoformat()]
    tail = [iso(report.as_of), f"{report.head.number}:{report.head.link}"]
    for row in report.rows:
        yield csv_line([*ends, *_named(row), *_cells(row.tally), *tail])


def as_json(report: Report, settings: Settings) -> Iterator[bytes]:
    """All of it as one document, an entry of a list on a line of its own; times in UTC."""
    before = b"{\n"
    for name, value in _document(report):
        yield before + _json(name) + b": "
        before = b",\n"
        if not isinstance(value, Iterator):
            yield _json(value)
            continue
        yield b"["
        for place, each in enumerate(value):
            # one after the other: all of a regency's outages at once take 200 MiB
            yield (b",\n" if place else b"\n") + _json(each)
        yield b"\n]"
    yield b"\n}\n"


FORMS: Mapping[str, Write] = {"csv": as_csv, "json": as_json}


def _document(report: Report) -> Iterator[tuple[str, Any]]:
    """The report by the names that JSON has for its parts; lists as they are made."""
    order, head = report.order, report.head
    yield "month", order.period.month or None
    yield "from", order.period.first.isoformat()
    yield "to", order.period.after.isoformat()
    yield "area", order.area or None
    yield "isp", order.isp or None
    yield "as_of", iso(report.as_of)
    yield "known_until", iso(report.known_until)
    sealed_at = iso(head.sealed_at) if head.number else None
    told = {"record": head.number, "link": head.link or None, "sealed_at": sealed_at}
    yield "head", {**told, "key": head.key or None}
    yield "sealed_days", report.sealed_days
    yield "unsealed_days", report.unsealed_days
    yield "rows", map(_row, report.rows)
    yield "outages", map(_event, report.events)
    yield "outages_left_out", report.events_left_out
    yield "incidents", _incidents(report)
    yield "corrections", iter(_corrections(report))
    yield "changes_to_earlier_months", _changes(report)


def _json(thing: Any) -> bytes:
    return json.dumps(thing, ensure_ascii=False).encode()


def _changes(report: Report) -> dict[str, Any]:
    records = [
        {
            "month": each.month,
            "day": each.day,
            "site": each.site,
            "record": each.record,
            "replaces": each.replaces,
            "seconds": each.seconds,
        }
        for each in report.changes
    ]
    rupiah = [
        {
            "month": each.month,
            "contract": each.contract,
            "record": each.record,
            "replaces": each.replaces,
            "rupiah": each.rupiah,
        }
        for each in report.paid
    ]
    return {"records": records, "rupiah": rupiah}


def percent(share: Fraction | None) -> str:
    """Four decimals, cut and not rounded: 100.0000 is said of nothing that ever failed."""
    if share is None:
        return ""
    # in whole numbers: 41 / 80 as a float, cut, says 51.2499
    parts = 1_000_000 * share.numerator // share.denominator
    return f"{parts // 10_000}.{parts % 10_000:04d}"


def _row(row: Row) -> dict[str, Any]:
    sums = row.tally
    return {
        **dict(zip(_NAMED, _named(row), strict=True)),
        "period_s": sums.period_s,
        "seconds": {state: sums.seconds[state] for state in STATES},
        "availability_percent": percent(sums.share(State.NORMAL, State.SLOW)) or None,
        "normal_percent": percent(sums.share(State.NORMAL)) or None,
        **dict(zip(_SUMS, _sums(sums), strict=True)),
        "not_counted_s": sums.not_counted_s,
        "corrected_s": sums.corrected_s,
        "faults": {fault: sums.faults[fault] for fault in FAULTS if sums.faults[fault]},
        "causes": [
            {"state": state, "cause": cause or "unknown", "seconds": seconds}
            for (state, cause), seconds in sorted(sums.causes.items())
        ],
    }


def _named(row: Row) -> list[str]:
    return [row.kind, row.code, row.name, row.site, row.isp, row.district, row.owner, row.schedule]


def _sums(sums: Tally) -> list[int | None]:
    return [sums.outages, sums.carried, sums.mttr_s, sums.mtbf_s, sums.longest_s]


def _cells(sums: Tally) -> list[Any]:
    down = {cause: sums.causes[State.DOWN, cause] for cause in _CAUSES}
    down["unknown"] = sums.seconds[State.DOWN] - sum(down.values()) + down["unknown"]
    return [
        sums.period_s,
        *(sums.seconds[state] for state in STATES),
        percent(sums.share(State.NORMAL, State.SLOW)),
        percent(sums.share(State.NORMAL)),
        *_sums(sums),
        sums.not_counted_s,
        sums.corrected_s,
        *(sums.faults[fault] for fault in FAULTS),
        *down.values(),
        sums.causes[State.UNKNOWN, "power"],
    ]


def _event(event: Event) -> dict[str, Any]:
    outage = event.outage
    return {
        "kind": event.kind,
        "site": event.site,
        "name": event.name or None,
        "begin": iso(outage.begin),
        "end": iso(outage.end),
        "seconds": outage.seconds,
        "parts": [part(spell) for spell in outage.parts],
    }


def part(spell: Spell) -> dict[str, Any]:
    """A stretch with its cause, whose fault it is, and what speaks for it."""
    said = spell.said
    return {
        "begin": iso(spell.begin),
        "end": iso(spell.end),
        "seconds": spell.seconds,
        "cause": spell.cause or "unknown",
        "fault": fault_of(spell.cause),
        "confidence": spell.percent / 100,
        "source": spell.source,
        "evidence": list(spell.evidence),
        "corrected": None
        if said is None
        else {"at": iso(said.at), "was": said.cause, "evidence": list(said.evidence)},
    }


def _incidents(report: Report) -> dict[str, Any]:
    return {
        "handled_in_time_percent": percent(kept_share(h.clocks for h in report.handled)) or None,
        "list": [
            {
                "id": each.course.id,
                "site": each.course.site or None,
                "subject": each.course.subject,
                "title": each.course.title,
                "cause": each.course.cause or "unknown",
                "down_since": iso(each.course.down_since),
                "opened_at": iso(each.course.opened_at),
                "ticket": each.course.ticket or None,
                "detected_s": each.clocks.detected_s,
                "acknowledged_s": each.clocks.acknowledged_s,
                "handled_s": each.clocks.handled_s,
                "mended_s": each.clocks.mended_s,
                "paused_s": each.clocks.paused_s,
                "kept": each.clocks.kept,
            }
            for each in report.handled
        ],
    }


def _corrections(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "site": each.site,
            **part(each.spell),
            "by": each.by or None,
            "why": each.why or None,
        }
        for each in report.corrected
    ]


def csv_line(cells: Sequence[Any]) -> bytes:
    """One line of a CSV file, with nothing in it that a spreadsheet takes for a formula."""
    out = io.StringIO()
    told = [escape(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(out, lineterminator="\n").writerow(told)
    return out.getvalue().encode()
