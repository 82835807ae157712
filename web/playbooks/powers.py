"""Who may have a playbook run, let one begin as the second person, and stop one. Pure."""

from collections.abc import Mapping
from enum import StrEnum

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
    return No.SAME if name == asked_by else None


def to_stop(role: str, level: str, going_on: bool, whole: bool) -> No | None:
    """Begin no more devices of it."""
    no = to_ask(role, level, whole)
    return no if no or going_on else No.OVER
