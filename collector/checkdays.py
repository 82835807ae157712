"""How the checks of a site stood over a stretch of time: spells made of what agents reported."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, func, select

from collector import states
from collector.roster import Spell
from collector.schema import verdicts
from collector.states import CheckState

# made once: putting a statement together costs as much as asking it
_NEWEST = (
    select(verdicts.c.check, func.max(verdicts.c.at).label("at"))
    .where(verdicts.c.site == bindparam("code"), verdicts.c.at < bindparam("moment"))
    .group_by(verdicts.c.check)
    .subquery()
)
_BEFORE = (
    select(verdicts.c.check, verdicts.c.verdict)
    .select_from(verdicts)
    .join(_NEWEST, and_(verdicts.c.check == _NEWEST.c.check, verdicts.c.at == _NEWEST.c.at))
    .where(verdicts.c.site == bindparam("code"))
)


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
    found = connection.execute(_BEFORE, {"code": site, "moment": at})
    return {check: verdict for check, verdict in found}
