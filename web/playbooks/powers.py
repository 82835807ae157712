"""Who may have a playbook run, let one begin as the second person, and stop one. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from playbooks import persons
from playbooks.model import Level

_SKILLED = ("technician", "noc", "admin")
PRESSES: Mapping[str, tuple[str, ...]] = {
    Level.GREEN: ("village", *_SKILLED),
    Level.YELLOW: _SKILLED,
    Level.RED: _SKILLED,
}
SECOND = _SKILLED
# who reads what devices are set to, whole configurations included
READS_ARCHIVES = _SKILLED
# who says how devices are reached, and as whom
KEEPS_HOSTS = ("noc", "admin")
# who says what begins without anybody there
ARRANGES = ("noc", "admin")


class No(StrEnum):
    """Why somebody may not."""

    ROLE = "role"
    OUTSIDE = "outside"
    SAME = "same"
    OVER = "over"


def to_ask(role: str, level: str, whole: bool) -> No | None:
    """Have it run, or tried dry; `whole`: all sites lie in their areas. None: they may."""
    if role not in PRESSES[level]:
        return No.ROLE
    return None if whole else No.OUTSIDE


def to_approve(role: str, name: str, asked_by: str, proposed: bool, whole: bool) -> No | None:
    """Be the second person."""
    if role not in SECOND:
        return No.ROLE
    if not whole:
        return No.OUTSIDE
    if not proposed:
        return No.OVER
    return None if persons.two(asked_by, name) else No.SAME


def to_stop(role: str, level: str, going_on: bool, whole: bool) -> No | None:
    """Begin no more devices of it."""
    no = to_ask(role, level, whole)
    return no if no or going_on else No.OVER


def to_arrange(role: str, everywhere: bool) -> No | None:
    """Let a playbook begin by itself, or not: that holds for every site."""
    if role not in ARRANGES:
        return No.ROLE
    return None if everywhere else No.OUTSIDE
