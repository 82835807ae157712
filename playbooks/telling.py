"""Playbooks, plans and runs as data for other programs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from collector.cli_common import iso
from playbooks import run_rows, run_search
from playbooks.hosts import Host
from playbooks.model import Command, Parameter, Playbook
from playbooks.plan import Plan, said
from playbooks.run_rows import HostRow, Run, StepRow


def playbook(one: Playbook) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": dict(one.title),
        "level": one.level.value,
        "changes": one.changes,
        "platforms": [platform.value for platform in one.recipes],
        "params": [_parameter(each) for each in one.params],
        "blocked_when": list(one.blocked_when),
        "danger": dict(one.danger),
        "cannot_undo": dict(one.cannot_undo),
        "file": one.file,
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "type": one.kind.value, "title": dict(one.title)}
    told |= {"default": one.default, "values": list(one.choices)}
    return told | {"least": one.least, "most": one.most}


def recipes(one: Playbook) -> dict[str, list[dict[str, Any]]]:
    """The steps by platform, as their file says them."""
    return {
        platform.value: [
            {"part": phase.value, "does": step.text if isinstance(step, Command) else said(step)}
            for phase, steps in recipe.phases()
            for step in steps
        ]
        for platform, recipe in one.recipes.items()
    }


def planned(host: Host, plan: Plan) -> dict[str, Any]:
    return {
        "site": host.site,
        "device": host.device,
        "platform": plan.platform.value,
        "guard_s": plan.guard_s,
        "steps": [
            {"number": step.number, "part": step.part.value, "does": step.shown}
            for step in plan.steps
        ],
        "undo": list(plan.undo),
        "notes": list(plan.notes),
    }


def run(connection: Connection, one: Run) -> dict[str, Any]:
    """A run with its devices, and all that was done on them."""
    rows = run_rows.hosts_of(connection, one.id)
    return _run(one, [_host(row, _steps(connection, row)) for row in rows])


def runs(connection: Connection, some: Sequence[Run]) -> list[dict[str, Any]]:
    """Runs with their devices alone."""
    rows = run_search.hosts_of(connection, [one.id for one in some])
    return [_run(one, [_host(row, ()) for row in rows[one.id]]) for one in some]


def _run(one: Run, hosts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "run": one.id,
        "playbook": one.playbook,
        "level": one.level,
        "state": one.state.value,
        "reason": one.reason,
        "dry": one.dry,
        "params": dict(one.params),
        "incident": one.incident,
        "by": one.by,
        "asked_at": iso(one.asked_at),
        "approved_by": one.approved_by,
        "approved_at": iso(one.approved_at),
        "not_before": iso(one.not_before or None),
        "ended_at": iso(one.ended_at),
        "hosts": hosts,
    }


def _steps(connection: Connection, row: HostRow) -> Sequence[StepRow]:
    return run_rows.steps_of(connection, row.run, row.site, row.device)


def _host(row: HostRow, steps: Sequence[StepRow]) -> dict[str, Any]:
    return {
        "site": row.site,
        "device": row.device,
        "state": row.state.value,
        "reason": row.reason,
        "began_at": iso(row.began_at),
        "ended_at": iso(row.ended_at),
        "guard_until": iso(row.guard_until),
        "steps": [_step(step) for step in steps],
    }


def _step(step: StepRow) -> dict[str, Any]:
    return {
        "number": step.number,
        "part": step.part,
        "does": step.shown,
        "state": step.state.value,
        "exit": step.exit,
        "began_at": iso(step.began_at),
        "ended_at": iso(step.ended_at),
        "output": step.output,
        "reason": step.reason,
    }
