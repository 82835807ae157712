"""May an agent call its series so? Judges a layout's list of names, once for all its agents."""

import hashlib
import re
from collections.abc import Container

import msgspec

from agent.report import LAYOUT_ID, parse_series, series
from agent.strict import Refused
from collector.intake.wire import MAX_NAME_BYTES, MAX_SERIES

# the collector adds these itself; __name__ is the series' own name, which stands before the labels
RESERVED = frozenset({"village", "district", "regency", "isp", "upstream", "__name__"})
# control characters, and halves of pairs that no UTF-8 can carry
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_REMEMBERED = 4096


class Layout(msgspec.Struct, frozen=True, gc=False):
    """What ingest keeps of a list of names: how many, which other sites, and a fingerprint."""

    digest: bytes
    count: int
    sites: frozenset[str]


class Names:
    """Judges lists of names and remembers the good ones, which whole fleets share."""

    def __init__(self) -> None:
        self._known: dict[bytes, Layout] = {}

    def judge(self, names: list[str], place: str) -> Layout:
        """The layout, or Refused with the name that cannot be."""
        if not 1 <= len(names) <= MAX_SERIES:
            raise Refused(place, f"{len(names)} series; 1 to {MAX_SERIES} in a layout")
        digest = _digest(names)
        found = self._known.get(digest)
        # the count tells apart what only looks the same once joined
        if found is not None and found.count == len(names):
            return found
        made = Layout(digest, len(names), _judge(names, place))
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[digest] = made
        return made


def is_fit(text: str) -> bool:
    """Nothing in it that a database, a page or a terminal would stumble over."""
    return _UNFIT.search(text) is None


def clean(text: str) -> str:
    """Text for people: unfit characters become spaces."""
    return _UNFIT.sub(" ", text)


def is_layout_id(text: str) -> bool:
    return LAYOUT_ID.fullmatch(text) is not None


def may_use(layout: Layout, sites: Container[str]) -> bool:
    return all(site in sites for site in layout.sites)


def _digest(names: list[str]) -> bytes:
    text = "\n".join(names).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()[:16]


def _judge(names: list[str], place: str) -> frozenset[str]:
    seen: set[str] = set()
    sites: set[str] = set()
    for number, text in enumerate(names):
        labels, spelled = _parse(text, f"{place}[{number}]")
        if spelled in seen:
            raise Refused(f"{place}[{number}]", f"{shorten(text)} stands twice")
        seen.add(spelled)
        if reserved := RESERVED & labels.keys():
            raise Refused(f"{place}[{number}]", f"label {min(reserved)} is the collector's own")
        if "site" in labels:
            sites.add(labels["site"])
    return frozenset(sites)


def _parse(text: str, place: str) -> tuple[dict[str, str], str]:
    if not is_fit(text):
        raise Refused(place, "control characters or broken text in a name")
    size = len(text.encode())
    if size > MAX_NAME_BYTES:
        raise Refused(place, f"{size} bytes; {MAX_NAME_BYTES} are the most")
    try:
        name, labels = parse_series(text)
    except ValueError as error:
        raise Refused(place, f"{shorten(text)}: {error}") from None
    return labels, series(name, labels)


def shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
