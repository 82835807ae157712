"""Playbooks by program: what there is, what one would do, having it done, and what became of it.

A red one wants two people: no program asks for one, nor approves one.
"""

from functools import partial
from typing import Any

from agent.strict import Refused
from collector.cli_common import iso
from collector.db import reading, writing
from playbooks import asking, run_rows, run_search, telling
from playbooks.asking import Asked
from playbooks.model import Level, Playbook
from playbooks.run_rows import HostRow, Run, StepRow
from playbooks.run_search import Wanted
from playbooks.states import OPEN_RUNS, RunState
from web.api import cursors, params
from web.api.playbook_shapes import (
    MOST_SITES,
    NewRun,
    PlannedHost,
    PlannedStep,
    PlaybookParam,
    PlaybookShown,
    RunHost,
    RunShown,
    RunStep,
)
from web.api.problems import No, Wrong
from web.api.shapes import Listed, moment, page, sliced
from web.api.table import Call, Endpoint, Reply
from web.context import centre, now, scope
from web.inventory.desk import by
from web.playbooks import powers, told
from web.playbooks.desk import reader, secret, the_playbook
from web.playbooks.shelf import shelf
from web.tongue import gettext


def _list(call: Call) -> Reply:
    return Reply(sliced(call, shelf().playbooks.values(), _shown, lambda one: (one.name,)))


def _one(call: Call) -> Reply:
    return Reply(_shown(the_playbook(call.path["name"])))


def _plan(call: Call) -> Reply:
    asked = _asked(call)
    try:
        with reading(centre().store) as connection:
            found = asking.plans(connection, secret(), centre().settings, asked)
    except Refused as refused:
        raise _why(refused) from None
    return Reply([_planned(telling.planned(host, plan)) for host, plan in found])


def _run(call: Call) -> Reply:
    asked = _asked(call)
    if asked.playbook.level is Level.RED and not asked.dry:
        raise No(403, gettext("Two people are needed for it, and a program is none."))
    try:
        with reading(centre().store) as connection:
            wanted = asking.wish(connection, secret(), centre().settings, asked)
        with writing(centre().store) as connection:
            number = asking.ask(connection, wanted, now())
    except Refused as refused:
        raise _why(refused) from None
    return Reply(_run_shown(number), location=f"/runs/{number}")


def _runs(call: Call) -> Reply:
    state, playbook, site = (call.query.get(name, "") for name in ("state", "playbook", "site"))
    wanted = Wanted(state, playbook, site, int(call.after("0")))
    with reading(centre().store) as connection:
        found = run_search.found(connection, scope(), wanted, call.limit + 1)
        shown = [run.id for run in found[: call.limit]]
        hosts = run_search.hosts_of(connection, shown)
    show = partial(_listed_run, hosts)
    return Reply(page(found, call.limit, show, lambda run: cursors.write(run.id)))


def _listed_run(hosts: dict[int, list[HostRow]], run: Run) -> RunShown:
    return _run_told(run, hosts[run.id], {})


def _show_run(call: Call) -> Reply:
    return Reply(_run_shown(call.path["number"]))


def _stop(call: Call) -> Reply:
    run = _there(call.path["number"])
    with reading(centre().store) as connection:
        whole = run_search.whole(connection, scope(), run.id)
    no = powers.to_stop(reader().role, run.level, run.state in OPEN_RUNS, whole)
    if no:
        raise No(409 if no is powers.No.OVER else 403, told.refusal(no))
    with writing(centre().store) as connection:
        run_rows.stop(connection, run.id, by(), now(), f"stopped by {by()}")
    return Reply(_run_shown(run.id))


def _asked(call: Call) -> Asked:
    """What a program wants, if it may want it."""
    one, wish = the_playbook(call.path["name"]), call.body
    for site in wish.sites:
        if not scope().sees(site):
            raise No(422, "", Wrong("sites", f"no site {site} in the areas of the token"))
    if no := powers.to_ask(reader().role, one.level, whole=True):
        raise No(403, told.refusal(no))
    return Asked(one, wish.sites, wish.params, by(), wish.device, wish.dry, wish.incident)


def _why(refused: Refused) -> No:
    where = refused.place.partition(": param ")[2]
    field = "incident" if refused.place == "incident" else "sites"
    return No(422, "", Wrong(f"params.{where}" if where else field, str(refused)))


def _there(number: int) -> Run:
    with reading(centre().store) as connection:
        run = run_rows.get(connection, number)
        if run is None or not run_search.sees(connection, scope(), number):
            raise No(404)
    return run


def _run_shown(number: int) -> RunShown:
    run = _there(number)
    with reading(centre().store) as connection:
        hosts = run_rows.hosts_of(connection, number)
        mine = [host for host in hosts if scope().sees(host.site)]
        steps = {
            (host.site, host.device): run_rows.steps_of(connection, number, host.site, host.device)
            for host in mine[:MOST_SITES]
        }
    return _run_told(run, hosts, steps)


def _run_told(
    run: Run, hosts: list[HostRow], steps: dict[tuple[str, str], list[StepRow]]
) -> RunShown:
    return RunShown(
        run.id,
        run.playbook,
        run.level,
        run.state.value,
        run.reason,
        run.dry,
        dict(run.params),
        run.incident,
        run.by,
        moment(run.asked_at),
        run.approved_by,
        iso(run.approved_at),
        iso(run.ended_at),
        tuple(
            _host(host, steps.get((host.site, host.device), []))
            for host in hosts
            if scope().sees(host.site)
        ),
    )


def _host(host: HostRow, steps: list[StepRow]) -> RunHost:
    times = (iso(host.began_at), iso(host.ended_at), iso(host.guard_until))
    shown = tuple(
        RunStep(
            step.number,
            step.part,
            step.shown,
            step.state.value,
            step.exit,
            moment(step.began_at),
            iso(step.ended_at),
            step.output,
            step.reason,
        )
        for step in steps
    )
    return RunHost(host.site, host.device, host.state.value, host.reason, *times, shown)


def _planned(plan: dict[str, Any]) -> PlannedHost:
    steps = tuple(PlannedStep(**step) for step in plan["steps"])
    texts = {key: tuple(plan[key]) for key in ("undo", "notes")}
    return PlannedHost(**{**plan, "steps": steps, **texts})


def _shown(one: Playbook) -> PlaybookShown:
    parameters = tuple(
        PlaybookParam(
            each.name,
            each.kind.value,
            dict(each.title),
            each.default,
            each.choices,
            each.least,
            each.most,
        )
        for each in one.params
    )
    return PlaybookShown(
        one.name,
        dict(one.title),
        one.level.value,
        one.changes,
        tuple(platform.value for platform in one.recipes),
        parameters,
        one.blocked_when,
        dict(one.danger),
        dict(one.cannot_undo),
    )


_SHARED: dict[str, Any] = {"group": "playbooks"}
_MAY: dict[str, Any] = _SHARED | {"roles": powers.PRESSES["green"]}
ENDPOINTS = (
    Endpoint("GET", "/playbooks", "listPlaybooks", about="The playbooks of this centre", do=_list,
             gives=Listed[PlaybookShown], query=params.NAMED, **_SHARED),
    Endpoint("GET", "/playbooks/{name}", "showPlaybook", about="One playbook", do=_one,
             gives=PlaybookShown, **_SHARED),
    Endpoint("POST", "/playbooks/{name}/plan", "planPlaybook", about="The exact commands for each "
             "device; nothing is run", do=_plan, gives=list[PlannedHost], takes=NewRun, **_MAY),
    Endpoint("POST", "/playbooks/{name}/run", "runPlaybook", about="Have it run; never a red "
             "one, which two people are needed for", do=_run, gives=RunShown, takes=NewRun,
             status=201, **_MAY),
    Endpoint("GET", "/runs", "listRuns", about="Runs, the newest first, without their steps",
             do=_runs, gives=Listed[RunShown], query=(
                 params.choice("state", "how they stand", list(RunState)),
                 params.text("playbook", "of this playbook"),
                 params.text("site", "at this site"),
                 params.cursor(cursors.numbered), params.LIMIT), **_SHARED),
    Endpoint("GET", "/runs/{number}", "showRun", about="One run with every step", do=_show_run,
             gives=RunShown, **_SHARED),
    Endpoint("POST", "/runs/{number}/stop", "stopRun", about="Begin no more devices of it",
             do=_stop, gives=RunShown, conflicts=True, **_MAY),
)  # fmt: skip
