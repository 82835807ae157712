"""How the checks of a site stood over a stretch of time: spells made of what agents reported."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, select

from collector import states
from collector.roster import Spell
from collector.schema import verdicts
from collector.states import CheckState


def spells(
    connection: Connection, site: str, checks: Sequence[CheckState], start: float, end: float
) -> dict[str, list[Spell]]:
    """By check: its verdicts as spells from `start` on; the last is what holds now."""
    before = _before(connection, site, start)
    told: dict[str, list[tuple[float, str]]] = {
        name: [(start, verdict)] for name, verdict in before.items()
    }
    for change in states.verdicts_of(connection, site, start, end):
        told.setdefault(change.check, []).append((change.at, change.verdict))
    return {check.name: _spells(told.get(check.name, []), check, start) for check in checks}


def _spells(told: list[tuple[float, str]], check: CheckState, start: float) -> list[Spell]:
    # what holds now may be the centre's own word: of a silent site nothing is known
    since = max(check.since, start)
    points = [point for point in told if point[0] < since] + [(since, check.verdict)]
    ends = [*(at for at, _ in points[1:]), None]
    return [Spell(at, until, verdict) for (at, verdict), until in zip(points, ends, strict=True)]


def _before(connection: Connection, site: str, at: float) -> dict[str, str]:
    """What each check said last before a moment."""
    t = verdicts.c
    newest = (
        select(t.check, func.max(t.at).label("at"))
        .where(t.site == site, t.at < at)
        .group_by(t.check)
        .subquery()
    )
    same = and_(t.check == newest.c.check, t.at == newest.c.at)
    query = select(t.check, t.verdict).select_from(verdicts).join(newest, same)
    return {check: verdict for check, verdict in connection.execute(query.where(t.site == site))}
