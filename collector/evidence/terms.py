"""What a contract says of refunds, as the inventory's rows of uplinks have it. Pure.

Money is exact: rupiah as fractions until it is rounded once, at the end of a line.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from collector.evidence.moments import Period

ALL, BEYOND, TIERS = "pro_rata_all", "beyond_threshold", "tier_table"
# behind a formula: the month is taken as so much of itself as the contract promises
BY_SLA = "/sla"
FORMULAS = (ALL, f"{ALL}{BY_SLA}", BEYOND, f"{BEYOND}{BY_SLA}", TIERS)
POWER, PLANNED, FORCE, VILLAGE = "power", "planned", "force_majeure", "village"
EXCLUSIONS = (POWER, PLANNED, FORCE, VILLAGE)
NONE = "none"
DETECTION, TICKET = "detection", "ticket"
CLOCKS = (DETECTION, TICKET)
ROUND_TIME = ("second", "minute_down", "minute_up", "hour_down", "hour_up")
ROUND_RP = ("half_up", "down", "up")
MIN_EVENT_S = 300

_TIER = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?):([0-9]{1,3}(?:[.,][0-9]{1,4})?)%?")


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one line. Percent and rupiah as text, as they were written: 99.5, 1700000."""

    site: str
    uplink: str
    isp: str
    service_no: str
    contract_no: str
    fee_rp: str
    formula: str
    sla: str = ""
    tiers: str = ""
    min_event_s: int = MIN_EVENT_S
    exclusions: tuple[str, ...] = EXCLUSIONS
    clock_start: str = DETECTION
    round_time: str = "second"
    round_rp: str = "half_up"
    begins: str = ""
    ends: str = ""
    payer: str = ""

    @property
    def fee(self) -> Fraction:
        return Fraction(self.fee_rp)

    @property
    def promised(self) -> Fraction:
        """What part of the time the line is to work, of 1."""
        return Fraction(self.sla) / 100

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "exclusions": list(self.exclusions)}


def from_json(told: Mapping[str, Any]) -> Terms:
    """Terms as a sheet was issued by them."""
    return Terms(**{**told, "exclusions": tuple(told["exclusions"])})


def read(row: Mapping[str, Any]) -> Terms:
    """Terms of a row of uplinks; ValueError says what is missing or cannot be."""
    formula = row["formula"].strip().lower()
    if row["fee_rp"] is None:
        raise ValueError("fee_rp is not entered")
    if not formula:
        raise ValueError("formula is not entered")
    if formula not in FORMULAS:
        raise ValueError(f"formula: {row['formula']!r} is not one of {', '.join(FORMULAS)}")
    if formula == TIERS:
        tiers_of(row["tiers"])
    elif row["sla"] is None and formula != ALL:
        raise ValueError(f"sla is not entered, and {formula} goes by it")
    elif formula != ALL and not 0 < row["sla"] <= 100:
        raise ValueError(f"sla: {formula} cannot go by {row['sla']:g}")
    asked = row["exclusions"]
    return Terms(
        row["site"],
        row["name"],
        row["isp"],
        row["service_no"],
        row["contract_no"],
        written(row["fee_rp"]),
        formula,
        "" if row["sla"] is None else written(row["sla"]),
        row["tiers"],
        MIN_EVENT_S if row["min_event_s"] is None else row["min_event_s"],
        () if asked == NONE else tuple(asked.split("|")) if asked else EXCLUSIONS,
        row["clock_start"] or DETECTION,
        row["round_time"] or ROUND_TIME[0],
        row["round_rp"] or ROUND_RP[0],
        row["begins"],
        row["ends"],
        row["payer"],
    )


def written(number: float) -> str:
    """A number of the inventory as it was written: 1700000, 99.5; never 1.7e+06."""
    return f"{Decimal(repr(number)).normalize():f}"


def runs(told: Terms, period: Period) -> bool:
    """Did the contract hold on any day of a period?"""
    begun = not told.begins or date.fromisoformat(told.begins) < period.after
    return begun and (not told.ends or date.fromisoformat(told.ends) >= period.first)


def tiers_of(text: str) -> tuple[tuple[Fraction, Fraction], ...]:
    """Steps as (availability from, part of the fee that is paid back), the best first.

    `99.5:0 98:5 95:10 0:25`: from 99.5 % on nothing, from 98 % on 5 % of the fee, and so on; the
    last step begins at 0, and the first pays nothing back: nobody is owed for what never failed.
    """
    steps = []
    for part in text.split():
        match = _TIER.fullmatch(part)
        if match is None:
            raise ValueError(f"tiers: expected steps such as 98:5, got {part!r}")
        floor, back = (Fraction(each.replace(",", ".")) for each in match.groups())
        if floor > 100 or back > 100:
            raise ValueError(f"tiers: more than 100 in {part!r}")
        steps.append((floor / 100, back / 100))
    if not steps or steps[-1][0] != 0:
        raise ValueError("tiers: the last step must begin at 0, such as 99:0 95:10 0:25")
    for better, worse in zip(steps, steps[1:], strict=False):
        if worse[0] >= better[0] or worse[1] < better[1]:
            raise ValueError("tiers: less availability must come later, and pay back no less")
    if steps[0][1] != 0:
        raise ValueError("tiers: the first step must pay back nothing, such as 99.5:0 98:5 0:25")
    return tuple(steps)
