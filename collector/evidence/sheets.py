"""A refund sheet as it is sealed: terms, lines, outages with what speaks for each. Pure.

The first of a month is issued seven days after its end. What changes later makes a supplement: the
whole sheet anew under the same terms, and by how many rupiah it differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from collector.evidence.moments import Period, local_day
from collector.evidence.refund import Counted, Owed
from collector.evidence.spells import Spell
from collector.evidence.tally import Outage
from collector.evidence.terms import Terms, from_json


@dataclass(frozen=True, slots=True)
class Contract:
    """All lines under one number of one provider; a line without a number is one by itself."""

    key: str
    isp: str
    terms: tuple[Terms, ...]

    @property
    def sites(self) -> list[str]:
        return sorted({each.site for each in self.terms})


@dataclass(frozen=True, slots=True)
class Work:
    """What was worked out of one line, and the sealed records its days are told by."""

    owed: Owed
    records: Mapping[str, int]
    zone: tzinfo

    def days_of(self, outage: Outage) -> list[int]:
        """The records that an outage is told by."""
        days = Period(local_day(outage.begin, self.zone), local_day(outage.end - 1, self.zone))
        told = [day.isoformat() for day in (*days.days(), days.after)]
        return [self.records[day] for day in told if day in self.records]


def contract_of(key: str, told: Mapping[str, Any]) -> Contract:
    """A contract under the terms that a sheet was issued by."""
    return Contract(key, str(told["isp"]), tuple(map(from_json, told["terms"])))


def sheet(
    contract: Contract, month: str, works: Sequence[Work], before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What a sheet tells; with the one `before` it is a supplement to it."""
    total = sum(work.owed.rupiah for work in works)
    return {
        "contract": contract.key,
        "isp": contract.isp,
        "month": month,
        "supplement": 0 if before is None else int(before["supplement"]) + 1,
        "sites": contract.sites,
        "terms": [each.as_json() for each in contract.terms],
        "lines": [_line(work) for work in works],
        "total_rp": total,
        "change_rp": total - (0 if before is None else int(before["total_rp"])),
    }


def differs(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether a supplement is to be issued: another amount, or other seconds that count."""
    return [_sum(line) for line in new["lines"]] != [_sum(line) for line in old["lines"]]


def _sum(line: Mapping[str, Any]) -> tuple[Any, ...]:
    events = [(each["begin"], each["end"], each["counted_s"]) for each in line["events"]]
    return line["rupiah"], line["counted_s"], [each for each in events if each[2]]


def _line(work: Work) -> dict[str, Any]:
    owed = work.owed
    return {
        "site": owed.terms.site,
        "uplink": owed.terms.uplink,
        "service_no": owed.terms.service_no,
        "month_s": owed.month_s,
        "held_s": owed.held_s,
        "counted_s": owed.counted_s,
        "rupiah": owed.rupiah,
        "arithmetic": owed.arithmetic,
        "events": [_event(event, work.days_of(event.outage)) for event in owed.events],
    }


def _event(event: Counted, records: Sequence[int]) -> dict[str, Any]:
    return {
        "begin": event.outage.begin,
        "end": event.outage.end,
        "seconds": event.outage.seconds,
        "counted_s": event.rounded_s,
        "why": str(event.why),
        "ticket": event.ticket,
        "excluded": [[cut.begin, cut.end, cut.why] for cut in event.cuts],
        "parts": [_part(part) for part in event.outage.parts],
        "records": list(records),
    }


def _part(part: Spell) -> dict[str, Any]:
    said = part.said
    return {
        "begin": part.begin,
        "end": part.end,
        "cause": part.cause or "unknown",
        "percent": part.percent,
        "source": part.source,
        "evidence": list(part.evidence),
        "was": None if said is None else {"cause": said.cause, "evidence": list(said.evidence)},
    }
