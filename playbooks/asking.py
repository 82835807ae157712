"""A run is asked for: everything that can be refused is refused now, before it is written down."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agent.strict import Refused
from collector import inventory, sealing
from collector.settings import Settings
from playbooks import files, host_rows, incident_rows, persons, quoting, run_rows, values
from playbooks.files import Loads
from playbooks.given import given
from playbooks.hosts import Host
from playbooks.marks import digest, mark
from playbooks.model import Kind, Level, Playbook
from playbooks.plan import Plan, dry, plan
from playbooks.run_rows import Wish
from playbooks.states import RunState

PURPOSE = "secrets of runs"
MOST_DEVICES = 5000
MOST_OPEN = 50
# so that nobody takes all of them from everybody else
MOST_OF_ONE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants: `device` chooses among several of a site that the playbook is for."""

    playbook: Playbook
    sites: Sequence[str]
    params: Mapping[str, str]
    by: str
    device: str = ""
    dry: bool = False
    incident: int | None = None
    not_before: float = 0.0


def plans(
    connection: Connection, secret: bytes, settings: Settings, asked: Asked
) -> list[tuple[Host, Plan]]:
    """What would be done on each device; Refused names the site and the parameter."""
    found = []
    for site in _once(asked.sites):
        host = _chosen(connection, secret, asked, site)
        known = parameters(asked.playbook, host, asked.params)
        loads = files.loads(settings, host, asked.playbook, known)
        found.append((host, planned(settings, asked.playbook, host, known, loads)))
    return found


def planned(
    settings: Settings,
    playbook: Playbook,
    host: Host,
    params: Mapping[str, str],
    loads: Loads,
    run: int = 0,
) -> Plan:
    """The steps on one device, with the files that would be laid onto it; `run` is 0 as long as
    nobody asked for one."""
    ready = {**params, **given(settings, host, run)}
    whole = plan(playbook, host.platform, ready, loads.told, host.reach_s)
    return replace(whole, notes=loads.notes)


def wish(connection: Connection, secret: bytes, settings: Settings, asked: Asked) -> Wish:
    """The run as its rows will have it, every device planned; Refused says what cannot be.

    Plans of many devices take long: make them before the transaction that `ask` writes in.
    """
    if asked.incident is not None:
        incident_rows.check(connection, asked.incident, asked.sites)
    found = plans(connection, secret, settings, asked)
    if asked.dry and not all(dry(plan).steps for _, plan in found):
        raise Refused("dry", "nothing of it is looked at beforehand: look at its plan")
    secrets = {p.name for p in asked.playbook.params if p.kind is Kind.SECRET}
    hidden = {name: value for name, value in asked.params.items() if name in secrets}
    return Wish(
        playbook=asked.playbook.name,
        digest=digest(asked.playbook, files.fixed(settings, asked.playbook)),
        level=asked.playbook.level,
        changes=asked.playbook.changes,
        params={name: value for name, value in asked.params.items() if name not in secrets},
        targets=[(host.site, host.device) for host, _ in found],
        marks=[mark(asked.playbook, host, plan) for host, plan in found],
        by=asked.by,
        box=sealing.closed(secret, PURPOSE, asked.by, json.dumps(hidden)) if hidden else None,
        dry=asked.dry,
        incident=asked.incident,
        not_before=asked.not_before,
    )


def ask(connection: Connection, wanted: Wish, now: float) -> int:
    """Write the run down, to be worked on by the engine; its number."""
    if run_rows.count_open(connection) >= MOST_OPEN:
        raise Refused("runs", f"{MOST_OPEN} are open: wait for their end, or stop some")
    if run_rows.count_open(connection, wanted.by) >= MOST_OF_ONE:
        why = f"{MOST_OF_ONE} of {wanted.by} are open: wait for their end, or stop some"
        raise Refused("runs", why)
    second = wanted.level == Level.RED and not wanted.dry
    if second and not persons.known(wanted.by):
        raise Refused("by", "two people are needed for it, and a program is none: ask yourself")
    return run_rows.ask(connection, wanted, RunState.PROPOSED if second else RunState.WAITING, now)


def check_for_later(playbook: Playbook, params: Mapping[str, str]) -> None:
    """Refused when this could never be asked for without somebody there: secrets have to be
    given each time."""
    for parameter in playbook.params:
        if parameter.kind is Kind.SECRET:
            raise Refused(parameter.name, "a secret is given by a person, each time")
        if parameter.name in params:
            values.accepted([parameter], {parameter.name: params[parameter.name]})
    for name in params:
        if name not in {parameter.name for parameter in playbook.params}:
            raise Refused(name[:60], "unknown parameter")


def sites_of(connection: Connection, playbook: Playbook, scope: str) -> list[str]:
    """The active sites within a code that have a device the playbook is for."""
    active = {site.code for site in inventory.sites(connection) if site.lifecycle == "active"}
    fits = {
        site
        for site, platform in host_rows.inside(connection, scope)
        if platform in playbook.recipes
    }
    return sorted(active & fits)


def parameters(playbook: Playbook, host: Host, params: Mapping[str, str]) -> dict[str, str]:
    """Every parameter for this device: as given, else as it is called there, else its default.

    What only the recipes of other platforms name may be missing. Secrets are given each time: what
    a device is called is shown to everybody.
    """
    recipe = playbook.recipes.get(host.platform)
    needed = set() if recipe is None else quoting.named(recipe)
    known = {each.name for each in playbook.params if each.kind is not Kind.SECRET}
    here = {name: value for name, value in host.values.items() if name in known}
    try:
        return values.accepted(playbook.params, {**here, **params}, needed)
    except Refused as refused:
        raise Refused(f"{host.name}: param {refused.place}", refused.problem) from None


def _chosen(connection: Connection, secret: bytes, asked: Asked, site: str) -> Host:
    """The device of a site that is meant."""
    kept = [one.host for one in host_rows.of_site(connection, secret, site)]
    fits = [host for host in kept if host.platform in asked.playbook.recipes]
    named = [host for host in fits if asked.device in ("", host.device)]
    if len(named) == 1:
        return host_rows.opened(connection, secret, site, named[0].device)
    if not kept:
        raise Refused(site, "no device is kept for this site; see: ronda hosts set")
    if not named:
        wanted = ", ".join(asked.playbook.recipes)
        problem = f"no device of it fits {asked.playbook.name} ({wanted})"
        raise Refused(site, problem if not asked.device else f"{problem}: {asked.device[:60]!r}")
    names = ", ".join(host.device for host in named)
    raise Refused(site, f"several devices fit, name one of them: {names}")


def _once(sites: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(sites))
    if not found:
        raise Refused("site", "none is named")
    if len(found) > MOST_DEVICES:
        raise Refused("site", f"at most {MOST_DEVICES} in one run")
    return found
