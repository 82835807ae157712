"""The mark in a data folder that a restore changes: no centre begins on half of one."""

from pathlib import Path

from agent.strict import Refused

UNFINISHED = "restore.unfinished"


def refuse_half(folder: Path) -> None:
    """Refused while a restore is under way there, or was cut short."""
    if (folder / UNFINISHED).exists():
        problem = "a restore was cut short here; begin it again with ronda restore --force"
        raise Refused(str(folder), problem)
