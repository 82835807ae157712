"""For which sites may an agent speak? Its own, single others, all of an area, or everybody's."""

from collections.abc import Iterable

import msgspec

from agent.strict import Refused
from collector.inventory import places

EVERY = "*"


class Granted(msgspec.Struct, frozen=True, gc=False):
    """`code in granted` says whether it may; `scopes` are site codes, area codes or `*`."""

    own: str
    scopes: frozenset[str] = frozenset()

    def __contains__(self, code: object) -> bool:
        if code == self.own or code in self.scopes or EVERY in self.scopes:
            return True
        if not self.scopes or not isinstance(code, str):
            return False
        return any(area in self.scopes for area in (*places.parents(code), places.village(code)))


def check(scopes: Iterable[str]) -> None:
    """Refused names the first that is no place."""
    for text in scopes:
        known = places.AREA_CODE.fullmatch(text) or places.SITE_CODE.fullmatch(text)
        if text != EVERY and not known:
            raise Refused("grant", f"{text!r} is no site code, no area code and not *")
