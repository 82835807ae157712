"""`ronda playbooks`: what there is, what it would do, and having it done."""

import argparse
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Engine

from agent.strict import Refused
from collector.cli_common import (
    group,
    home_zone,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
)
from collector.db import reading, writing
from collector.secret import load_secret
from playbooks import (
    as_shown,
    asking,
    cli_agent,
    cli_automatic,
    cli_hosts,
    cli_schedules,
    library,
    persons,
    run_rows,
    telling,
)
from playbooks.asking import Asked
from playbooks.cli_hosts import typed
from playbooks.floor import Floor
from playbooks.model import Playbook
from playbooks.run_rows import Run
from playbooks.states import OPEN_RUNS, RunState

_LOOK_EVERY_S = 0.5
_PARAM = "may repeat; of K alone the value is asked for"
_HEADERS = ("name", "level", "platforms", "title")


def commands(subparsers: Any) -> None:
    """Add `playbooks ...` and `hosts ...`."""
    cli_hosts.commands(subparsers)
    inner = group(subparsers, "playbooks", "remote maintenance of devices, with a net under it")
    leaf(inner, "list", "the playbooks of this centre", _list)
    check = leaf(inner, "check", "are playbook files in order?", _check)
    check.add_argument("files", nargs="+", metavar="FILE")
    show = leaf(inner, "show", "one playbook, step by step", _show)
    show.add_argument("name", metavar="NAME")
    plan = leaf(inner, "plan", "the exact commands for a site; nothing is run", _plan)
    _wish(plan)
    run = leaf(inner, "run", "run a playbook at sites", _run)
    _wish(run)
    run.add_argument("--dry-run", action="store_true", help="only what is looked at beforehand")
    run.add_argument("--incident", type=int, metavar="ID", help="what it is to mend")
    persons.option(run)
    runs = leaf(inner, "runs", "runs, the newest first", _runs)
    runs.add_argument("--run", type=int, dest="number", metavar="N", help="this one, step by step")
    cli_schedules.commands(inner)
    cli_automatic.commands(inner)
    cli_agent.commands(inner)
    approve = leaf(inner, "approve", "let a red run begin, as a second person", _approve)
    approve.add_argument("run_number", type=int, metavar="RUN")
    persons.option(approve)
    stop = leaf(inner, "stop", "begin no more devices of a run", _stop)
    stop.add_argument("run_number", type=int, metavar="RUN")
    persons.option(stop)


def _wish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--site", nargs="+", required=True, metavar="CODE", action="extend")
    parser.add_argument("--device", default="", metavar="NAME", help="of several at a site")
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="K=V",
        help="may repeat; of K alone V is asked for",
    )


def _list(args: argparse.Namespace) -> int:
    found = library.load(settings_of(args, new=True).data)
    for problem in found.problems:
        print(f"ronda: {problem}", file=sys.stderr)
    if args.json:
        print_json([telling.playbook(one) for one in found.playbooks.values()])
        return 0
    rows = [
        (one.name, one.level, " ".join(one.recipes), one.title["en"])
        for one in found.playbooks.values()
    ]
    print_table(_HEADERS, rows)
    return 0


def _check(args: argparse.Namespace) -> int:
    pages = [library.read_given(path) for path in args.files]
    problems = [problem for page in pages for problem in page.problems]
    if args.json:
        print_json([{"place": problem.place, "problem": problem.reason} for problem in problems])
    for problem in problems if not args.json else ():
        print(problem)
    return 1 if problems else 0


def _show(args: argparse.Namespace) -> int:
    one = library.load(settings_of(args, new=True).data).get(args.name)
    if args.json:
        print_json(telling.playbook(one) | {"recipes": telling.recipes(one)})
        return 0
    print(f"{one.name}  {one.level}  {one.title['en']}")
    for each in one.params:
        default = "" if each.default is None else f" ({each.default})"
        print(f"  --param {each.name}={each.kind}{default}  {each.title['en']}")
    for platform, recipe in telling.recipes(one).items():
        print(platform)
        print_table(("part", "does"), [(step["part"], step["does"]) for step in recipe])
    return 0


def _plan(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    secret = load_secret(settings.folder)
    with store_of(args) as store, reading(store) as connection:
        asked = _asked(args, library.load(settings.data).get(args.name), "")
        found = asking.plans(connection, secret, settings, asked)
    plans = [telling.planned(host, plan) for host, plan in found]
    if args.json:
        print_json(plans)
        return 0
    for plan in plans:
        guard = f", undone by itself after {plan['guard_s']:.0f} s" if plan["guard_s"] else ""
        print(f"{plan['site']} {plan['device']} ({plan['platform']}{guard})")
        rows = [(step["number"], step["part"], step["does"]) for step in plan["steps"]]
        print_table(("", "part", "does"), rows + [("", "undo", text) for text in plan["undo"]])
        for note in plan["notes"]:
            print("".join(c if c.isprintable() else " " for c in note))
    return 0


def _run(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    secret = load_secret(settings.folder)
    with store_of(args) as store:
        asked = _asked(args, library.load(settings.data).get(args.name), persons.by(args))
        with reading(store) as connection:
            wanted = asking.wish(connection, secret, settings, asked)
        with writing(store) as connection:
            number = asking.ask(connection, wanted, time.time())
        run = _led(Floor(settings, store, threading.Event(), time.time), store, number)
        return _told(args, store, run)


class _Leads(Protocol):
    """What `_led` asks of the floor."""

    def deliver(self, now: float) -> None: ...

    def rest(self) -> None: ...


def _led(floor: _Leads, store: Engine, number: int) -> Run:
    """The run once it has ended or waits for a second person; led here where no engine leads."""
    while True:
        floor.deliver(time.time())
        with reading(store) as connection:
            run = run_rows.get(connection, number)
            # of a run that was stopped devices still go to their end, in threads of ours
            busy = run_rows.under_way(connection, number)
        assert run is not None
        if run.state is RunState.PROPOSED or (run.state not in OPEN_RUNS and not busy):
            floor.rest()
            return run
        time.sleep(_LOOK_EVERY_S)


def _told(args: argparse.Namespace, store: Engine, run: Run) -> int:
    with reading(store) as connection:
        told = telling.run(connection, run)
    if args.json:
        print_json(told)
    else:
        _print_run(told)
    if run.state is RunState.PROPOSED:
        second = f"ronda playbooks approve {run.id}"
        print(f"ronda: it is red and waits for a second person: {second}", file=sys.stderr)
        return 0
    return 0 if run.state is RunState.DONE else 1


def _print_run(told: dict[str, Any]) -> None:
    reason = f" ({told['reason']})" if told["reason"] else ""
    print(say(f"run {told['run']} of {told['playbook']}: {told['state']}{reason}"))
    for host in told["hosts"]:
        said = f"{host['site']} {host['device']}: {host['state']} {host['reason']}"
        print(say(said).rstrip())
        for step in host["steps"]:
            print(f"  {step['number']:>2} {step['part']:<9} {step['state']:<8} {step['does']}")
            for line in (step["output"] or step["reason"]).splitlines():
                print(f"       {say(line)}")


def _runs(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        if args.number is not None:
            with reading(store) as connection:
                run = run_rows.get(connection, args.number)
            if run is None:
                raise Refused("--run", f"there is no run {args.number}; see: ronda playbooks runs")
            return _told(args, store, run)
        with reading(store) as connection:
            found = telling.runs(connection, run_rows.listing(connection))
    if args.json:
        print_json(found)
        return 0
    rows = [
        (one["run"], one["playbook"], one["state"], len(one["hosts"]), one["by"], one["asked_at"])
        for one in found
    ]
    print_table(("run", "playbook", "state", "devices", "by", "asked_at"), rows, home_zone(args))
    return 0


def _approve(args: argparse.Namespace) -> int:
    who, now, settings = persons.by(args), time.time(), settings_of(args)
    known, secret = library.load(settings.data), load_secret(settings.folder)
    with store_of(args) as store, reading(store) as connection:
        run = run_rows.get(connection, args.run_number)
        if run is not None and run.state is RunState.PROPOSED and persons.two(run.by, who):
            as_shown.check(connection, secret, settings, known, run)
    return _moved(args, who, lambda c: run_rows.approve(c, args.run_number, who, now))


def _stop(args: argparse.Namespace) -> int:
    who, now = persons.by(args), time.time()
    why = f"stopped by {who}"
    return _moved(args, who, lambda c: run_rows.stop(c, args.run_number, who, now, why))


def _moved(args: argparse.Namespace, who: str, move: Callable[[Any], bool]) -> int:
    with store_of(args) as store, writing(store) as connection:
        if not move(connection):
            run = run_rows.get(connection, args.run_number)
            raise Refused(f"run {args.run_number}", _why_not(run, who))
    return 0


def _why_not(run: Run | None, who: str) -> str:
    if run is None:
        return "there is none; see: ronda playbooks runs"
    if run.state is not RunState.PROPOSED:
        return f"it is {run.state}, asked for by {run.by}"
    return f"asked for by {run.by}: another person has to approve it, and you are {who}"


def _asked(args: argparse.Namespace, playbook: Playbook, by: str) -> Asked:
    params = dict(_param(text) for text in args.param)
    dry, incident = getattr(args, "dry_run", False), getattr(args, "incident", None)
    return Asked(playbook, args.site, params, by, args.device, dry, incident)


def _param(text: str) -> tuple[str, str]:
    """K=V; of K alone the value is asked for, so that no list of processes shows it."""
    name, equals, value = text.partition("=")
    return name, value if equals else typed(f"{name}: ")
