"""New codes for old ones, when an area is split or renamed: what a text becomes. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from agent.strict import Refused
from collector.inventory import places

# old code -> new code, of villages or of whole areas
Pairs = Mapping[str, str]
MOST = 5000
_SHORTEST = len("35.10.06")


def read(rows: Iterable[tuple[int, str, str]]) -> dict[str, str]:
    """Pairs out of numbered rows; Refused names the line that cannot be."""
    found: dict[str, str] = {}
    for line, old, new in rows:
        for code in (old, new):
            # shorter ones could be any number in a text
            if not places.AREA_CODE.fullmatch(code) or len(code) < _SHORTEST:
                raise Refused(f"line {line}", f"{code!r} is no code of a district or village")
        if places.level(old) != places.level(new):
            raise Refused(f"line {line}", f"{old} and {new} are not of the same level")
        if old in found:
            raise Refused(f"line {line}", f"{old} stands there twice")
        found[old] = new
    return check(found)


def check(pairs: dict[str, str]) -> dict[str, str]:
    """The pairs; Refused where two become one, or one is both old and new."""
    if not 0 < len(pairs) <= MOST:
        raise Refused("codes", f"expected 1 to {MOST} pairs, got {len(pairs)}")
    news = list(pairs.values())
    if len(set(news)) < len(news):
        twice = next(code for code in news if news.count(code) > 1)
        raise Refused("codes", f"two codes would become {twice}")
    for old in pairs:
        if any(places.within(new, old) or places.within(old, new) for new in news):
            raise Refused("codes", f"{old} is old and new at once; do it in two steps")
    return pairs


def renamer(pairs: Pairs) -> Callable[[str], str]:
    """What becomes of a text that holds codes: of those that fit the longest counts."""
    longest = sorted(pairs, key=len, reverse=True)
    # a code begins where no other does, and ends where no digit goes on; 3510 is none of ours
    pattern = re.compile(rf"(?<![\d.])(?:{'|'.join(map(re.escape, longest))})(?!\d)", re.ASCII)
    return lambda text: pattern.sub(lambda found: pairs[found[0]], text)
