"""What the fold changed since a position: sites and checks, as little of each as a country of them
needs. A store file."""

from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, select

from collector.schema import checks, states

_C, _S = checks.c, states.c
_Given = BindParameter[Any]

# made once: putting a statement together costs as much as asking it
_AFTER, _LAST, _MOST = _Given("after"), _Given("last"), _Given("most")
_TURN, _MOVE = select(_C.site, _C.verdict, _C.live, _C.rev), select(_S.site, _S.rev)
_TURNS = _TURN.where(_C.rev > _AFTER).order_by(_C.rev).limit(_MOST)
_TURNS_AT = _TURN.where(_C.rev == _LAST)
_MOVED = _MOVE.where(_S.rev > _AFTER).order_by(_S.rev).limit(_MOST)
_MOVED_AT = _MOVE.where(_S.rev == _LAST)


class Turn(NamedTuple):
    """What became of a check; `live` is False when only a backlog told it."""

    site: str
    verdict: str
    live: bool
    rev: int


def checks_since(connection: Connection, after_rev: int, limit: int = 1000) -> list[Turn]:
    """Checks that changed after `after_rev`, oldest first, about `limit` of them.

    What changed at one moment comes whole, so the last `rev` is where to go on.
    """
    asked = {"after": after_rev, "most": limit}
    found = [Turn(*row) for row in connection.execute(_TURNS, asked)]
    if len(found) == limit:
        last = found[-1].rev
        whole = connection.execute(_TURNS_AT, {"last": last})
        found = [turn for turn in found if turn.rev < last] + [Turn(*row) for row in whole]
    return found


def sites_since(connection: Connection, after_rev: int, limit: int = 2000) -> tuple[list[str], int]:
    """Sites whose intervals changed after `after_rev`, about `limit` of them; where to go on.

    What changed at one moment comes whole.
    """
    found = connection.execute(_MOVED, {"after": after_rev, "most": limit}).all()
    if not found:
        return [], after_rev
    last = int(found[-1].rev)
    if len(found) == limit:
        found = [*found, *connection.execute(_MOVED_AT, {"last": last})]
    return list(dict.fromkeys(row.site for row in found)), last
