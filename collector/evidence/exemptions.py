"""Rows of what no provider answers for: floods, quakes, work that was agreed. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from agent.strict import Refused
from collector import acts
from collector.evidence import terms
from collector.evidence.moments import whole
from collector.evidence.refund import Exempt
from collector.inventory import places
from collector.schema import exemptions

KINDS = (terms.FORCE, terms.PLANNED)
MOST_WHY = 500
_SLACK_S = 3600.0
_E = exemptions.c


@dataclass(frozen=True, slots=True)
class Exemption:
    """`scope`: a site, an area, isp:NAME or *; until it is withdrawn."""

    id: int
    scope: str
    kind: str
    begins: float
    ends: float
    why: str
    by: str
    at: float
    withdrawn_at: float | None = None

    def holds(self, site: str, isp: str) -> bool:
        """Does it speak of this line?"""
        if self.scope == "*":
            return True
        if self.scope.startswith("isp:"):
            return self.scope.removeprefix("isp:").casefold() == isp.casefold()
        return places.within(site, self.scope)


def declare(
    connection: Connection, scope: str, kind: str, span: tuple[float, float], why: str,
    by: str, now: float,
) -> int:  # fmt: skip
    """Write it down; its number. Refused: no such kind or scope, no reason, an end before it."""
    reason = " ".join(why.split())
    known = scope == "*" or scope.startswith("isp:") or places.AREA_CODE.fullmatch(scope)
    if not known and not places.SITE_CODE.fullmatch(scope):
        raise Refused("scope", f"expected a site, an area, isp:NAME or *, got {scope!r}")
    if kind not in KINDS:
        raise Refused("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
    if not reason or len(reason) > MOST_WHY:
        raise Refused("why", f"say why, in {MOST_WHY} characters at most")
    if not span[0] < span[1]:
        raise Refused("ends", "must be after the beginning")
    row = {"scope": scope, "kind": kind, "begins": span[0], "ends": span[1], "why": reason}
    made = connection.execute(
        insert(exemptions).values({**row, "by": by, "at": now})
    ).inserted_primary_key
    assert made is not None
    acts.record(connection, now, by, "exempt", f"exemption:{made[0]}", row)
    return int(made[0])


def withdraw(connection: Connection, number: int, by: str, now: float) -> bool:
    """It holds no more; False when it did not before."""
    there = (_E.id == number, _E.withdrawn_at.is_(None))
    done = connection.execute(update(exemptions).where(*there).values(withdrawn_at=now))
    if done.rowcount != 1:
        return False
    acts.record(connection, now, by, "exempt_end", f"exemption:{number}")
    return True


def listing(connection: Connection) -> list[Exemption]:
    """Those that hold, by number."""
    query = select(exemptions).where(_E.withdrawn_at.is_(None)).order_by(_E.id)
    return [Exemption(**row._mapping) for row in connection.execute(query)]


def counted(connection: Connection) -> tuple[int, int]:
    """How many were ever declared, and how many of them are withdrawn."""
    query = select(func.count(), func.count(_E.withdrawn_at)).select_from(exemptions)
    every, withdrawn = connection.execute(query).one()
    return int(every), int(withdrawn)


def changed(connection: Connection, since: float) -> list[Exemption]:
    """Those that were declared or withdrawn since a moment, or shortly before: whoever says when
    may wait for the lock afterwards."""
    from_ = since - _SLACK_S
    query = select(exemptions).where((_E.at >= from_) | (_E.withdrawn_at >= from_))
    return [Exemption(**row._mapping) for row in connection.execute(query.order_by(_E.id))]


def of_line(told: Sequence[Exemption], site: str, isp: str) -> list[Exempt]:
    """Those that speak of a line, in whole seconds; by their number, for why somebody declared one
    may name people, and a sheet is sealed."""
    return [
        Exempt(whole(each.begins), whole(each.ends), each.kind, f"exemption {each.id}")
        for each in told
        if each.holds(site, isp)
    ]
