"""A device's script becomes an agent like any other: its flat reports as canonical ones."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent.report import Verdict, layout_id, series
from collector.intake.flat import Check, Lines
from collector.intake.wire import PROTOCOL, Finding, Frame, Report

KindOf = Callable[[str], str]

_REMEMBERED = 200
_SAMPLE = {Verdict.GOOD: 1.0, Verdict.BAD: 0.0, Verdict.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Script:
    """What we remember of one script between its reports.

    Frames are numbered by its `seq`, so that a report sent twice is known for a repeat. Findings
    (only changes of a verdict) stand in a spool of their own, numbered by us.
    """

    given: str
    boot: str
    spool: str
    findings_spool: str
    seq: int
    uptime_s: float
    findings: int = 0
    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    # what reports that had to wait said last: they tell of another time than `told`
    told_late: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Translated:
    """The canonical reports of one flat one, and the memory once they are kept."""

    frames: Report
    findings: Report | None
    script: Script


def translate(lines: Lines, before: Script | None, kind_of: KindOf, now: float) -> Translated:
    """Seq or uptime going backwards begins a new spool, but in a report that had to wait.

    `kind_of` names a check's kind.
    """
    script = _carry_on(lines, before)
    waited_s = 0.0 if lines.sent_s is None else lines.sent_s - lines.uptime_s
    at = now - waited_s if lines.at is None else lines.at
    names = {**lines.values, **_samples(lines.checks, kind_of)}
    order = sorted(names)
    report = Report(PROTOCOL, script.spool, at + waited_s, script.boot, lines.uptime_s + waited_s)
    report.every_s = lines.every_s
    if order:
        layout = layout_id(order)
        values = [names[name] for name in order]
        report.layouts = {layout: order}
        report.frames = [Frame(lines.seq + 1, at, layout, values, lines.uptime_s)]
    findings, after = _changes(lines, script, at)
    return Translated(report, _findings(findings, script, report), after)


def _changes(lines: Lines, script: Script, at: float) -> tuple[list[Finding], Script]:
    """What its checks say anew, and the memory with it."""
    waited = lines.sent_s is not None
    known = script.told_late if waited else script.told
    changed = [c for c in lines.checks if known.get(c.name) != (c.verdict, c.reason)]
    told = {c.name: (str(c.verdict), c.reason) for c in lines.checks}
    if len(known) < _REMEMBERED:
        told = {**known, **told}
    findings = [
        Finding(script.findings + place, at, c.name, str(c.verdict), c.reason, lines.uptime_s)
        for place, c in enumerate(changed, 1)
    ]
    after = replace(script, findings=script.findings + len(changed))
    return findings, replace(after, told_late=told) if waited else replace(after, told=told)


def _carry_on(lines: Lines, before: Script | None) -> Script:
    if before is None or lines.spool != before.given or _goes_back(lines, before):
        return _begin(lines, before)
    if lines.sent_s is not None:
        return replace(
            before,
            seq=max(lines.seq, before.seq),
            uptime_s=max(lines.uptime_s, before.uptime_s),
        )
    # whatever waited is told again from where it now begins
    return replace(before, seq=lines.seq, uptime_s=lines.uptime_s, told_late={})


def _goes_back(lines: Lines, before: Script) -> bool:
    rebooted = lines.boot != "" and lines.boot != before.boot
    if lines.sent_s is not None:
        return rebooted or lines.sent_s < before.uptime_s
    return rebooted or lines.seq < before.seq or lines.uptime_s < before.uptime_s


def _begin(lines: Lines, before: Script | None) -> Script:
    fresh = secrets.token_hex(4)
    # a spool the script names itself is trusted until its numbers go back
    again = before is not None and before.given == lines.spool
    spool = fresh if again or not lines.spool else lines.spool
    same_boot = before is not None and lines.uptime_s >= before.uptime_s
    boot = lines.boot or (before.boot if before is not None and same_boot else fresh)
    return Script(lines.spool, boot, spool, f"{fresh}.checks", lines.seq, lines.uptime_s)


def _samples(checks: list[Check], kind_of: KindOf) -> dict[str, float | None]:
    return {
        series("ronda_check_up", {"check": c.name, "kind": kind_of(c.name)}): _SAMPLE[c.verdict]
        for c in checks
    }


def _findings(findings: list[Finding], script: Script, report: Report) -> Report | None:
    if not findings:
        return None
    return Report(
        PROTOCOL, script.findings_spool, report.sent_at, report.boot, report.up, findings=findings
    )
