"""What the fold changed since a position: sites and checks, as little of each as a country of them
needs. A store file."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    func,
    not_,
    or_,
    select,
)

from collector import states as rows
from collector.fold.timelines import NEVER_REPORTED
from collector.schema import checks, states
from collector.states import COUNTS, HOLDS, SiteState

_C, _S = checks.c, states.c
_Given = BindParameter[Any]
# of so many sites it is asked by name whether a check changed there
_BY_NAME = 500

# made once: putting a statement together costs as much as asking it
_AFTER, _TO, _MOST = _Given("after"), _Given("to"), _Given("most")


def _ends(rev: Any) -> tuple[Select[Any], Select[Any]]:
    """The newest change, and the one at which a batch ends when there are more."""
    later = select(rev).where(rev > _AFTER)
    return later.order_by(rev.desc()).limit(1), later.order_by(rev).offset(_MOST).limit(1)


_OF_CHECKS, _OF_SITES = _ends(_C.rev), _ends(_S.rev)
_TURNED = (
    select(_C.site)
    .where(_C.rev > _AFTER, _C.rev <= _TO)
    .group_by(_C.site)
    .order_by(func.min(_C.rev), _C.site)
)
_BAD = _TURNED.where(_C.verdict != "good", _C.live)
_NAMED = _TURNED.where(_C.site.in_(bindparam("codes", expanding=True)))
_MOVED = select(states).where(_S.rev > _AFTER, _S.rev <= _TO).order_by(_S.rev)
_NOW = _MOVED.where(HOLDS)
# that a site had never reported ends with its first report, which is told by what holds now
_TOLD = or_(_S.reason != NEVER_REPORTED, not_(COUNTS))
_PAST = select(_S.site).where(_S.rev > _AFTER, _S.rev <= _TO, not_(HOLDS), _TOLD).distinct()


class Turned(NamedTuple):
    """Sites with news of a check; where to go on, and whether there is more already."""

    sites: list[str]
    read_to: int
    more: bool


class Moved(NamedTuple):
    """Sites whose intervals changed, how those of them are now that count, and of which of them
    the past is another."""

    sites: list[str]
    now: dict[str, SiteState]
    past: frozenset[str]
    read_to: int
    more: bool


def checks_since(
    connection: Connection, after_rev: int, wrong: Collection[str], limit: int = 1000
) -> Turned:
    """Where a check turned bad after `after_rev`, or turned at all if the site is among `wrong`.

    About `limit` changes are looked at. What only a backlog told is news nowhere but there.
    """
    read_to, more = _batch(connection, _OF_CHECKS, after_rev, limit)
    if read_to == after_rev:
        return Turned([], after_rev, False)
    asked = {"after": after_rev, "to": read_to}
    found = list(connection.execute(_BAD, asked).scalars())
    if len(wrong) > _BY_NAME:
        found += [site for site in connection.execute(_TURNED, asked).scalars() if site in wrong]
    elif wrong:
        found += connection.execute(_NAMED, {**asked, "codes": sorted(wrong)}).scalars()
    return Turned(list(dict.fromkeys(found)), read_to, more)


def sites_since(connection: Connection, after_rev: int, limit: int = 2000) -> Moved:
    """Sites whose intervals changed after `after_rev`, of about `limit` changes."""
    read_to, more = _batch(connection, _OF_SITES, after_rev, limit)
    if read_to == after_rev:
        return Moved([], {}, frozenset(), after_rev, False)
    asked = {"after": after_rev, "to": read_to}
    now = {one.code: one for one in rows.site_states(connection.execute(_NOW, asked))}
    past = list(connection.execute(_PAST, asked).scalars())
    if others := [site for site in past if site not in now]:
        now |= {one.code: one for one in rows.current(connection, others)}
    return Moved(list(dict.fromkeys([*now, *past])), now, frozenset(past), read_to, more)


def _batch(
    connection: Connection, ends: tuple[Select[Any], Select[Any]], after_rev: int, limit: int
) -> tuple[int, bool]:
    """Up to which change a batch goes, and whether there are more; one moment is never parted."""
    newest, last = ends
    whole = connection.execute(newest, {"after": after_rev}).scalar()
    if whole is None:
        return after_rev, False
    some = connection.execute(last, {"after": after_rev, "most": limit}).scalar()
    return (int(whole), False) if some is None else (int(some), some < whole)
