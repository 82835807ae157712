"""Runs of playbooks, the newest first: of the reader's areas, filtered, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from flask import abort, render_template, request
from sqlalchemy import Connection

from collector import inventory
from collector.db import reading
from playbooks import run_search
from playbooks.run_rows import Run
from playbooks.run_search import Wanted
from playbooks.states import HostState, RunState
from web.context import centre, facts, now, scope
from web.freshness import freshness
from web.playbooks import told
from web.playbooks.desk import bp, page_number
from web.playbooks.shelf import shelf
from web.tongue import gettext

PAGE = 50
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A run in a list: `first` the name of the site it began with, `devices` how many stand how."""

    run: Run
    title: str
    first: str
    devices: Mapping[HostState, int]
    zone: tzinfo

    @property
    def many(self) -> int:
        return sum(self.devices.values())

    @property
    def good(self) -> int:
        return self.devices.get(HostState.DONE, 0)


@bp.get("/runs")
def runs() -> str:
    """The list."""
    wanted, page = _wanted(), page_number()
    with reading(centre().store) as connection:
        found = run_search.found(connection, scope(), wanted, PAGE, (page - 1) * PAGE)
        listed = rows(connection, found)
        matching = run_search.matching(connection, scope(), wanted)
        known, newest = run_search.marks(connection), run_search.newest(connection)
    query = {"state": wanted.state, "playbook": wanted.playbook, "site": wanted.site}
    return render_template(
        "playbooks/runs.html",
        rows=listed,
        wanted=wanted,
        matching=matching,
        page=page,
        pages=max(1, -(-matching // PAGE)),
        query={name: text for name, text in query.items() if text},
        rev=run_search.mark(known, 0, newest),
        fresh=freshness(facts().fold(), now()),
        playbooks=shelf().playbooks.values(),
        told=told,
    )


def rows(connection: Connection, found: Sequence[Run]) -> list[Row]:
    """Runs as rows of a list."""
    if not found:
        return []
    numbers = [one.id for one in found]
    first, devices = (
        run_search.first_sites(connection, numbers),
        run_search.counts(connection, numbers),
    )
    mine = [code for code in set(first.values()) if scope().sees(code)]
    names = (
        {site.code: site.name for site in inventory.sites(connection, only=mine)} if mine else {}
    )
    library = shelf().playbooks
    return [
        Row(
            one,
            told.say(library[one.playbook].title) if one.playbook in library else one.playbook,
            names.get(first.get(one.id, ""), ""),
            devices[one.id],
            inventory.zone(first.get(one.id, ""), centre().settings.timezone),
        )
        for one in found
    ]


def _wanted() -> Wanted:
    state = request.args.get("state", "")
    if state and state not in set(RunState):
        abort(400, gettext("The filter asks for a state that does not exist."))
    playbook, site = (request.args.get(name, "").strip() for name in ("playbook", "site"))
    if len(playbook) > _LONGEST or len(site) > _LONGEST:
        abort(400, gettext("The filter asks for something that does not exist."))
    return Wanted(state, playbook, site)
