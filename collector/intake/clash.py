"""Do two live agents share one token? An older spool goes on where a newer one has begun."""

from collections.abc import Iterator, Mapping

import msgspec

from collector.intake.wire import Finding, Frame, Report

# between boots only the collector's clock compares, and reports may be that long under way
DELAY_S = 30.0
# no entry is sampled after its report was sent, but scripts round
ROUNDED_S = 2.0
NEVER = float("-inf")


class Began(msgspec.Struct, frozen=True, gc=False):
    """The earliest entry seen of a spool: its boot, its time by our clock, its uptime."""

    boot: str
    at: float
    up: float


def began(report: Report, now: float) -> Began | None:
    """When the spool of this report began, going by its entries; None when they cannot tell."""
    first = _first_up(report)
    if first is None or report.up is None:
        return None
    return Began(report.boot, now - (report.up - first), first)


def older_goes_on(
    report: Report, mine: Began, others: Mapping[str, Began], now: float
) -> str | None:
    """The newer spool that began before the last entry of this report was sampled, if any.

    `mine` is when the report's own spool began. Entries of an earlier boot come in reports
    without `up`; whose they are cannot be told, and they never count.
    """
    last = max(_ups(report), default=None)
    if last is None or report.up is None:
        return None
    sampled_at = now - (report.up - last)
    for spool, other in others.items():
        if spool == report.spool:
            continue
        if other.boot == report.boot and report.boot:
            if mine.up < other.up < last:
                return spool
        elif mine.at < other.at and other.at + DELAY_S < sampled_at:
            return spool
    return None


def _first_up(report: Report) -> float | None:
    return min(_ups(report), default=None)


def _ups(report: Report) -> Iterator[float]:
    """The uptimes that can be: one garbled number must not make an agent its own double."""
    latest = NEVER if report.up is None else report.up + ROUNDED_S
    entries: list[Frame | Finding] = [*report.frames, *report.findings]
    for entry in entries:
        if entry.up is not None and 0 <= entry.up <= latest:
            yield entry.up
