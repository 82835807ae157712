"""What a playbook would do at the sites chosen, and what speaks against it: equal plans once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from agent.strict import Refused
from collector.settings import Settings
from playbooks import asking, blocking
from playbooks.asking import Asked
from playbooks.blocking import Scene
from playbooks.hosts import Host
from playbooks.marks import mark
from playbooks.model import Kind
from playbooks.plan import Plan, dry
from web.playbooks import told

# stands for a secret until it is asked: a plan hides them anyway
_UNTOLD = "x"
_PARAM = re.compile(r": param (.{1,60})$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One device that it would run on. `mark` tells this plan from any other; `blocked`: why it may
    not begin now; `waits`: for whom."""

    site: str
    name: str
    device: str
    mark: str
    blocked: str
    waits: str


@dataclass(slots=True)
class Group:
    """Devices on which the very same is done."""

    plan: Plan
    steps: Sequence[tuple[int, str, str, bool]]
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Outlook:
    """`fields`: what is wrong with a parameter; `problems`: with sites, by what it is."""

    groups: list[Group] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.lines]

    @property
    def looks_first(self) -> bool:
        """A dry run would do anything, wherever it is tried."""
        return all(dry(group.plan).steps for group in self.groups)


def outlook(
    connection: Connection,
    secret: bytes,
    settings: Settings,
    asked: Asked,
    names: Mapping[str, str],
    scenes: Mapping[str, Scene],
) -> Outlook:
    """Site by site: what cannot be planned at one is told, and hinders no other."""
    seen, groups = Outlook(), dict[object, Group]()
    asked = replace(asked, params=_whole(asked))
    for site in asked.sites:
        try:
            found = asking.plans(connection, secret, settings, replace(asked, sites=[site]))
        except Refused as refused:
            _complain(seen, site, names, refused)
            continue
        for host, plan in found:
            steps = tuple((s.number, s.part.value, *told.does(s)) for s in plan.steps)
            key = (plan.platform, steps, plan.undo, plan.guard_s, plan.notes)
            if key not in groups:
                groups[key] = Group(plan, steps)
            groups[key].lines.append(_line(asked, host, plan, names, scenes))
    seen.groups = list(groups.values())
    return seen


def _whole(asked: Asked) -> dict[str, str]:
    secrets = {one.name for one in asked.playbook.params if one.kind is Kind.SECRET}
    return {**dict.fromkeys(secrets, _UNTOLD), **asked.params}


def _line(
    asked: Asked, host: Host, plan: Plan, names: Mapping[str, str], scenes: Mapping[str, Scene]
) -> Line:
    there = scenes.get(host.site, Scene(retired=True))
    return Line(
        host.site,
        names.get(host.site, host.site),
        host.device,
        mark(asked.playbook, host, plan),
        blocking.why_not(asked.playbook, there),
        blocking.must_wait(asked.playbook, there),
    )


def _complain(seen: Outlook, site: str, names: Mapping[str, str], refused: Refused) -> None:
    found = _PARAM.search(refused.place)
    if found and found[1] not in seen.fields:
        seen.fields[found[1]] = refused.problem
    said = f"{found[1]}: {told.reason(refused.problem)}" if found else told.reason(refused.problem)
    seen.problems.setdefault(said, []).append(names.get(site, site))
