"""What an agent knows beside the settings of a check; told only to kinds that look around."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Door:
    """Where the collector answers, and what to show there; `ca` "": what the system trusts."""

    url: str
    token: str
    ca: str = ""
    # may certificates be judged by this machine's clock?
    dates: bool = True


@dataclass(frozen=True, slots=True)
class Around:
    """`now` is the time by the collector's clock, None while it is not known.

    `asked`: a person wants it looked at soon; `by_hand`: one waits at the keyboard. `values`: all
    series as they stand. `folder`: where a probe may keep what must outlast a restart.
    """

    now: float | None = None
    asked: bool = False
    by_hand: bool = False
    door: Door | None = None
    values: Mapping[str, float | None] = field(default_factory=dict)
    folder: str = ""


# where a probe finds it in its memory
KEY = "around"


def of(memory: Mapping[str, object]) -> Around:
    """What a probe was told; with nothing told somebody tries it by hand."""
    told = memory.get(KEY)
    return told if isinstance(told, Around) else Around(by_hand=True)
