"""Which entries of a report do we keep? The quick look; what is odd goes to `scrutiny`."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from agent.report import Verdict
from agent.strict import Refused
from collector.intake.names import Layout, Names, is_fit, is_layout_id, may_use
from collector.intake.wire import (
    LONGEST_EVERY_S,
    MAX_CHECK_CHARS,
    MAX_ENTRIES,
    MAX_ID_CHARS,
    MAX_LAYOUTS_A_REPORT,
    MAX_LAYOUTS_AN_AGENT,
    MAX_N,
    MAX_REASON_CHARS,
    PROTOCOL,
    Finding,
    Frame,
    Rejection,
    Report,
    Used,
)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
VERDICTS = frozenset(Verdict)


class Sender(NamedTuple):
    """What judging needs to know of an agent: the sites it may speak for, its known layouts.

    `unused` of them may be forgotten for new ones.
    """

    sites: Container[str]
    layouts: Mapping[str, Layout]
    names: Names
    unused: int = 0


@dataclass(slots=True)
class Judged:
    """`report` holds only what is kept; `fresh` are the layouts it taught us."""

    report: Report
    fresh: dict[str, Layout]
    rejected: list[Rejection] = field(default_factory=list)
    need_layouts: list[str] = field(default_factory=list)


def glance(report: Report, sender: Sender) -> Judged | None:
    """The whole report is good, or None: somebody has to look closer."""
    if not _envelope_is_good(report):
        return None
    try:
        fresh = learn(report.layouts, sender) if report.layouts else {}
    except Refused:
        return None
    numbers = set()
    for frame in report.frames:
        layout = fresh.get(frame.layout) or sender.layouts.get(frame.layout)
        if layout is None or not _frame_is_good(frame, layout, sender):
            return None
        numbers.add(frame.n)
    for finding in report.findings:
        if not _finding_is_good(finding, sender):
            return None
        numbers.add(finding.n)
    if len(numbers) != len(report.frames) + len(report.findings):
        return None
    return Judged(report, fresh)


def learn(given: Mapping[str, list[str]], sender: Sender) -> dict[str, Layout]:
    """The layouts a report brings; Refused names the first that cannot be taken."""
    if len(given) > MAX_LAYOUTS_A_REPORT:
        raise Refused("layouts", f"{len(given)} in one report; {MAX_LAYOUTS_A_REPORT} are the most")
    fresh: dict[str, Layout] = {}
    for layout_id, names in given.items():
        layout = judge_layout(layout_id, names, sender, len(fresh))
        if layout_id not in sender.layouts:
            fresh[layout_id] = layout
    return fresh


def judge_layout(layout_id: str, names: list[str], sender: Sender, more: int) -> Layout:
    """One layout, or Refused; `more` others of this report are new to us as well."""
    place = f"layouts.{layout_id[:32]}"
    if not is_layout_id(layout_id):
        raise Refused("layouts", "an id is 1 to 32 of A-Z a-z 0-9 _ -")
    layout = sender.names.judge(names, place)
    for site in sorted(layout.sites):
        if site not in sender.sites:
            raise Refused(place, f"site {site[:40]!r} is not granted to this agent")
    known = sender.layouts.get(layout_id)
    if known is None and len(sender.layouts) - sender.unused + more >= MAX_LAYOUTS_AN_AGENT:
        raise Refused(place, f"this agent has {MAX_LAYOUTS_AN_AGENT} layouts already")
    if known is not None and known.digest != layout.digest:
        raise Refused(place, "another list of series under a known id")
    return layout


def is_id(text: str) -> bool:
    """Spool and boot ids: short and printable."""
    return len(text) <= MAX_ID_CHARS and is_fit(text)


def is_interval(every_s: float) -> bool:
    """How often an agent may say that it reports."""
    return 1 <= every_s <= LONGEST_EVERY_S


def is_used(used: Used) -> bool:
    """A day as 2026-11-29, and counts of bytes."""
    counts = (used.today, used.month, used.most or 0)
    return _DAY.fullmatch(used.day) is not None and all(0 <= n <= MAX_N for n in counts)


def _envelope_is_good(report: Report) -> bool:
    return (
        report.v == PROTOCOL
        and report.spool != ""
        and is_id(report.spool)
        and is_id(report.boot)
        and 0 <= report.dropped <= MAX_N
        and len(report.frames) + len(report.findings) <= MAX_ENTRIES
        and not report.bye
        and (report.every_s is None or is_interval(report.every_s))
        and (report.used is None or is_used(report.used))
    )


def _frame_is_good(frame: Frame, layout: Layout, sender: Sender) -> bool:
    return (
        layout.count == len(frame.values)
        and 1 <= frame.n <= MAX_N
        and (not layout.sites or may_use(layout, sender.sites))
    )


def _finding_is_good(finding: Finding, sender: Sender) -> bool:
    return (
        1 <= finding.n <= MAX_N
        and finding.verdict in VERDICTS
        and is_check(finding.check)
        and len(finding.reason) <= MAX_REASON_CHARS
        and is_fit(finding.reason)
        and (not finding.site or finding.site in sender.sites)
    )


def is_check(name: str) -> bool:
    return 1 <= len(name) <= MAX_CHECK_CHARS and is_fit(name)
