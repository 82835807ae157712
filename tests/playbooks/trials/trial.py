"""What is tried: a playbook, what is set up for it, and what the device must show then."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Trial:
    """`before`: given at the device itself beforehand, as is `shows`, whose answer must match
    `sees` (a regular expression) once the run is done. `says`: what the run itself must have
    printed, `archive` what must be in what it kept at the centre. `restarts`: the device was
    switched off and on.

    Where a case differs from another of the same playbook, `case` names it.
    """

    playbook: str
    values: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    shows: str = ""
    sees: str = ""
    says: str = ""
    archive: str = ""
    restarts: bool = False
    case: str = ""

    @property
    def name(self) -> str:
        return f"{self.playbook} {self.case}".strip()
