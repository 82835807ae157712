"""The tree of upstreams: how many villages hang on which provider, POP, power feeder."""

from dataclasses import dataclass

from flask import render_template
from sqlalchemy import Connection

from collector import inventory
from collector.db import reading
from collector.inventory import tree
from collector.inventory.store import terms
from collector.inventory.tree import FEEDER, Branch
from web.context import centre, role_required, scope
from web.inventory.desk import EDITORS, bp

MOST_BRANCHES, MOST_NAMED = 300, 8


@dataclass(frozen=True, slots=True)
class Trunk:
    """One provider with its branches; `feeders`: it is power that they share."""

    name: str
    feeders: bool
    branches: list[Branch]

    @property
    def total(self) -> int:
        """Each site once, however many ways it has."""
        return len({site.code for branch in self.branches for site in branch.sites})


def seen(connection: Connection, area: str = "") -> list[Branch]:
    """The branches of the reader's sites that did not end."""
    there = inventory.sites(connection, area)
    chosen = [s for s in there if s.watched and scope().sees(s.code)]
    return tree.grown(chosen, terms(connection))


@bp.get("/upstreams")
@role_required(*EDITORS)
def upstreams() -> str:
    """All of them, provider by provider, and then the feeders."""
    with reading(centre().store) as connection:
        branches = seen(connection)
    trunks: dict[tuple[bool, str], Trunk] = {}
    for one in branches[:MOST_BRANCHES]:
        key = (one.kind == FEEDER, one.isp)
        trunks.setdefault(key, Trunk(one.isp, one.kind == FEEDER, [])).branches.append(one)
    return render_template(
        "inventory/upstreams.html",
        trunks=list(trunks.values()),
        more=max(0, len(branches) - MOST_BRANCHES),
        most=MOST_NAMED,
    )
