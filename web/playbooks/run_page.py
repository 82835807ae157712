"""One run: how it stands on each device, step by step as it happens; approved, and stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from agent.strict import Refused
from collector import inventory
from collector.db import reading, writing
from playbooks import as_shown, blocking, run_rows, run_search
from playbooks.model import Kind
from playbooks.run_rows import HostRow, Run, StepRow
from playbooks.states import WORKING, HostState, RunState
from web.context import centre, facts, home_zone, now, scope
from web.freshness import freshness
from web.playbooks import powers, told
from web.playbooks.desk import bp, number_in, page_number, reader, secret
from web.playbooks.planning import PARAM
from web.playbooks.powers import No
from web.playbooks.run_list import Row, rows
from web.playbooks.scenes import scenes
from web.playbooks.shelf import shelf
from web.tongue import gettext

PAGE = 50
# so few devices are shown with all their steps, of more only those one looks at
_MOST_OPEN = 5
# of what a step printed; the rest is a click away
_MOST_SHOWN = 4000
_TROUBLE = (HostState.FAILED, HostState.UNKNOWN, HostState.INTERRUPTED, HostState.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Part:
    """A run on one device; `steps` None: they are a click away."""

    row: HostRow
    name: str
    zone: tzinfo
    steps: Sequence[StepRow] | None
    armed: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as its reader sees it; `outside`: how many devices lie elsewhere."""

    row: Row
    parts: Sequence[Part]
    many: int
    outside: int
    whole: bool
    rev: str
    hidden: Sequence[str]

    @property
    def run(self) -> Run:
        return self.row.run


@bp.get("/runs/<int:number>")
def run(number: int) -> str:
    """The page of a run; `site` and `device` show all of one device."""
    page = page_number()
    with reading(centre().store) as connection:
        seen = _seen(connection, number, page)
        held = _held(connection, seen)
    user = reader()
    one = seen.run
    proposed, approve = one.state is RunState.PROPOSED, _may_approve(one, seen.whole)
    return render_template(
        "playbooks/run.html",
        seen=seen,
        run=one,
        page=page,
        pages=max(1, -(-seen.many // PAGE)),
        alone=request.args.get("site", ""),
        approve=approve,
        held=held,
        plan=_plan_of(seen) if proposed and one.playbook in shelf().playbooks else "",
        why_not=told.refusal(approve) if proposed and approve is not No.ROLE else "",
        may_stop=powers.to_stop(user.role, one.level, told.open_now(one), seen.whole) is None,
        fresh=freshness(facts().fold(), now()),
        told=told,
        most_shown=_MOST_SHOWN,
        zone=seen.row.zone,
    )


@bp.get("/runs/<int:number>/output")
def output(number: int) -> Response:
    """All that one step printed, as plain text."""
    site, device = request.args.get("site", ""), request.args.get("device", "")
    step = number_in(request.args.get("step", "")) or 0
    with reading(centre().store) as connection:
        _the_run(connection, number)
        row = run_search.host(connection, number, site, device) if scope().sees(site) else None
        found = run_search.step(connection, row, step) if row else None
    if found is None:
        abort(404)
    answer = Response(found.output, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return answer


@bp.post("/runs/<int:number>/approve")
def approve(number: int) -> AnyResponse:
    """Let a red run begin, as the second person: what was asked for, or nothing."""
    user = reader()
    with reading(centre().store) as connection:
        one, whole = _the_run(connection, number)
        no = _may_approve(one, whole)
        try:
            if no is None:
                as_shown.check(connection, secret(), centre().settings, shelf(), one)
        except Refused as refused:
            flash(f"{refused.place}: {told.reason(refused.problem)}", "bad")
            return redirect(url_for("playbooks.run", number=number), 303)
    with writing(centre().store) as connection:
        one, whole = _the_run(connection, number)
        no = _may_approve(one, whole)
        done = no is None and run_rows.approve(connection, number, user.name, now())
    return _after(number, no, done, gettext("Approved: it begins at once."))


def _may_approve(one: Run, whole: bool) -> No | None:
    user, proposed = reader(), one.state is RunState.PROPOSED
    return powers.to_approve(user.role, user.name, one.by, proposed, whole)


@bp.post("/runs/<int:number>/stop")
def stop(number: int) -> AnyResponse:
    """Begin no more devices; what is under way goes to its end."""
    user = reader()
    with writing(centre().store) as connection:
        one, whole = _the_run(connection, number)
        no = powers.to_stop(user.role, one.level, told.open_now(one), whole)
        why = f"stopped by {user.name}"
        done = no is None and run_rows.stop(connection, number, user.name, now(), why)
    return _after(number, no, done, gettext("Stopped: no further device is begun."))


def _after(number: int, no: No | None, done: bool, said: str) -> AnyResponse:
    if no in (No.ROLE, No.OUTSIDE, No.SAME):
        abort(403, told.refusal(no))
    flash(said if done else told.refusal(No.OVER), "good" if done else "bad")
    return redirect(url_for("playbooks.run", number=number), 303)


def _the_run(connection: Connection, number: int) -> tuple[Run, bool]:
    """The run, and whether all of it lies in the reader's areas; 404 for what lies elsewhere."""
    one = run_rows.get(connection, number) if number < 2**63 else None
    if one is None or not run_search.sees(connection, scope(), number):
        abort(404)
    return one, run_search.whole(connection, scope(), number)


def _seen(connection: Connection, number: int, page: int) -> Seen:
    one, whole = _the_run(connection, number)
    (row,) = rows(connection, [one])
    site, device = request.args.get("site", ""), request.args.get("device", "")
    if site:
        alone = run_search.host(connection, number, site, device) if scope().sees(site) else None
        found, many = [alone or abort(404)], 1
    else:
        skip = (page - 1) * PAGE
        found, many = run_search.hosts(connection, scope(), number, PAGE, skip)
    mine = {each.site for each in found}
    names = {s.code: s.name for s in inventory.sites(connection, only=mine)} if mine else {}
    parts = [_part(connection, each, names, many) for each in found]
    known, newest = run_search.marks(connection), run_search.newest(connection)
    outside = 0 if site else row.many - many
    rev = run_search.mark(known, number, newest)
    return Seen(row, parts, many, outside, whole, rev, _hidden(one))


def _part(connection: Connection, row: HostRow, names: Mapping[str, str], many: int) -> Part:
    zone = inventory.zone(row.site, centre().settings.timezone) if row.site else home_zone()
    looked_at = many <= _MOST_OPEN or row.state in (*WORKING, *_TROUBLE)
    steps = run_rows.steps_of(connection, row.run, row.site, row.device) if looked_at else None
    return Part(row, names.get(row.site, row.site), zone, steps, told.armed(row, zone, now()))


def _held(connection: Connection, seen: Seen) -> Mapping[str, str]:
    """What speaks against it now, by site, as long as somebody may approve it."""
    playbook = shelf().playbooks.get(seen.run.playbook)
    if playbook is None or seen.run.state is not RunState.PROPOSED:
        return {}
    there = scenes(connection, [part.row.site for part in seen.parts])
    return {site: blocking.why_not(playbook, scene) for site, scene in there.items()}


def _plan_of(seen: Seen) -> str:
    """Where every command is shown: nobody approves what they have not seen."""
    run, devices = seen.run, {part.row.device for part in seen.parts}
    params: dict[str, Any] = {PARAM + name: value for name, value in run.params.items()}
    sites = [part.row.site for part in seen.parts]
    device = devices.pop() if len(devices) == 1 else ""
    return url_for("playbooks.plan", name=run.playbook, site=sites, device=device, **params)


def _hidden(one: Run) -> list[str]:
    """The secret parameters it was given, by name alone."""
    known = shelf().playbooks.get(one.playbook)
    return [each.name for each in known.params if each.kind is Kind.SECRET] if known else []
