"""Where may a kept password go: asked for by the agents of which area, given to which targets?

Pure. Whoever edits a row of checks names the machine that gets the password, so a password goes
only to rows within the area it was given to, and there only to its targets. One that was given
to no area serves rows of every site or a group of sites alone: those are edited only by who sees
everything.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.strict import Refused
from collector.inventory import places

# settings of a check that name a password, and what the agent gets in their place
NAMING = {
    "community_secret": "community",
    "auth_secret": "auth_password",
    "priv_secret": "priv_password",
}
MOST_TARGETS = 50
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_LONGEST = 253


@dataclass(frozen=True, slots=True)
class Binding:
    """`area`: a code, "" for no area; `targets`: addresses, networks, names, *.name; none: any."""

    area: str = ""
    targets: tuple[str, ...] = ()


def named(text: str) -> str:
    """A name under which a password may be kept; ValueError when it is none."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"expected the name of a password (letters, digits, . _ -), got {text!r}")
    return text


def read(area: str, targets: str, before: Binding) -> Binding:
    """A binding as somebody typed it, `|` between targets; what is empty stays as before, `-`
    takes it away."""
    if area.strip("-") and not is_code(area):
        raise Refused("area", f"expected the code of an area or a site, got {area[:80]!r}")
    area = area.strip("-") if area else before.area
    if targets in ("", "-"):
        return Binding(area, () if targets else before.targets)
    found = tuple(dict.fromkeys(_target(part) for part in split(targets.replace(" ", ""))))
    if len(found) > MOST_TARGETS:
        raise Refused("targets", f"{MOST_TARGETS} targets at most")
    return Binding(area, found)


def split(targets: str) -> tuple[str, ...]:
    """Targets as they lie in their column."""
    return tuple(part for part in targets.split("|") if part)


def is_code(place: str) -> bool:
    """Is this an area or a site, and not a group that lies in no area?"""
    return bool(places.AREA_CODE.fullmatch(place) or places.SITE_CODE.fullmatch(place))


def needed_by(check: Mapping[str, Any]) -> list[str]:
    """The names of the passwords that a check needs."""
    return [check[key] for key in NAMING if check.get(key)]


def why_not(name: str, bound: Binding, place: str, asking: str, host: str) -> str:
    """Why a row of `place` may not have agents at `asking` give the password to `host`."""
    if not bound.area and is_code(place):
        return f"the password {name} is given to no area: bind it to one that holds {place}"
    if bound.area and not places.within(asking, bound.area):
        where = asking or "every site"
        return f"the password {name} is given to {bound.area}, which does not hold {where}"
    if bound.targets and not any(_meant(target, host) for target in bound.targets):
        return f"the password {name} is not given to the target {host}"
    return ""


def whys(check: Mapping[str, Any], kept: Mapping[str, Binding], place: str, asking: str
         ) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Why the check may not have the passwords it names, each with its column; those not kept
    are nobody's yet."""
    for column in NAMING:
        name = check.get(column, "")
        if name in kept:
            host = str(check.get("host", ""))
            if why := why_not(name, kept[name], place, asking, host):
                yield column, why


def _target(text: str) -> str:
    lowered = text.lower()
    try:
        return str(ipaddress.ip_network(text, strict=False)).removesuffix("/32")
    except ValueError:
        # digits and dots alone are an address that somebody mistyped, and read in many ways
        if len(text) > _LONGEST or not _HOST.fullmatch(lowered) or lowered[-1].isdigit():
            words = "expected addresses, networks like 10.20.0.0/16, names or *.name with | between"
            raise Refused("targets", f"{words}, got {text[:80]!r}") from None
        return lowered


def _meant(target: str, host: str) -> bool:
    try:
        network = ipaddress.ip_network(target)
    except ValueError:
        lowered = host.lower()
        return lowered.endswith(target[1:]) if target[0] == "*" else lowered == target
    try:
        # a name may lead anywhere, so it lies in no network
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False
