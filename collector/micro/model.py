"""What is chosen for one device, and what a platform makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Check = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """What stands in the settings of one device; nothing else differs from device to device.

    `code` is good for one enrolment: with it the device asks for its token, which no person sees.
    `checks` are as the site's configuration has them, `ca` is PEM or "" (what the device trusts),
    `wan` what it calls its line, "" where the platform knows.
    """

    site: str
    title: str
    url: str
    code: str
    every_s: int
    checks: Sequence[Check] = ()
    ca: str = ""
    wan: str = ""
    # a person wants this interval, whatever the site's configuration says
    every_is_fixed: bool = False
    centre: str = ""
    # how often its site wants checks looked at that do not say so themselves; 0: with each report
    look_s: int = 0
    # bytes of one connection to the centre, without what it carries; 0: not known
    connection: int = 0
    # what the site may use in a day, None without a bound, and when its day begins
    bytes_per_day: int | None = None
    utc_offset_s: int = 25200

    @property
    def closed(self) -> bool:
        """Nobody on the way reads the token."""
        return self.url.startswith("https:")

    @property
    def revoking(self) -> Sequence[str]:
        """The last steps of a removal, as `Steps` has them."""
        return (
            "at the centre, so that its token is void:",
            f"$ ronda agents list --site {self.site}; ronda agents revoke ID",
        )


@dataclass(frozen=True, slots=True)
class File:
    """One file on the device."""

    path: str
    mode: int
    text: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What a person does: a line each, a command where it begins with `$ `."""

    install: Sequence[str]
    remove: Sequence[str]


class Platform(Protocol):
    """One kind of device; a member of the table in `platforms.py`.

    `knows`: the checks it can look at with their keys, spelled as agents tell it (protocol.md).
    """

    @property
    def knows(self) -> str: ...

    def files(self, choices: Choices) -> Sequence[File]:
        """All that lies on the device afterwards, but for what it writes itself."""
        ...

    def script(self, choices: Choices) -> str:
        """One text that puts them there and starts the agent; running it again does no harm."""
        ...

    def steps(self, choices: Choices) -> Steps:
        """How the script gets onto the device, and how all of it goes away."""
        ...

    def sample(self, choices: Choices) -> str:
        """A report of usual length, to count bytes by."""
        ...

    def limits(self, choices: Choices) -> Sequence[str]:
        """What a person should know of these checks: which are not looked at by every version."""
        ...

    def looks(self, choices: Choices) -> Sequence[Check]:
        """The checks that cost bytes, with the `every_s` at which it really looks."""
        ...
