"""Is what would be done now what was shown when it was asked for? Pure."""

import hashlib

from agent.strict import Refused
from playbooks.hosts import Host
from playbooks.model import Playbook
from playbooks.plan import Plan


def digest(playbook: Playbook, fixed: str = "") -> str:
    """Changes with anything the playbook says, and with `fixed`, which stands for the files it
    brings along; a run keeps to what it was planned with."""
    return hashlib.sha256(f"{playbook!r}{fixed}".encode()).hexdigest()


def mark(playbook: Playbook, host: Host, plan: Plan) -> str:
    """Changes with anything that would be done otherwise than it was shown, or elsewhere; `plan`
    without the number of a run, which nobody knows before it is asked for."""
    shown = [(step.part, step.shown) for step in plan.steps]
    jump = None if host.jump is None else (host.jump.address, host.jump.port, host.jump.login.user)
    where = (host.name, host.address, host.port, host.login.user, host.way, jump)
    parts = (digest(playbook), where, plan.platform, shown, plan.undo, plan.guard_s)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def check(shown: str, playbook: Playbook, host: Host, plan: Plan) -> None:
    """Refused where something else would be done than what bore the mark `shown`."""
    if mark(playbook, host, plan) != shown:
        why = "what would be done is not what was planned: look at its plan, and ask again"
        raise Refused(host.name, why)
