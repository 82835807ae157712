"""What hangs on what: providers, the POPs and towers behind them, power feeders, their sites. Pure.

Sites that name the same one fall together and are told as one; a name written in two ways parts
them, so names that look alike are told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from collector.inventory.store import Site

UPSTREAM, FEEDER = "upstream", "power_feeder"


@dataclass(frozen=True, slots=True)
class Branch:
    """One POP or tower of a provider (without a name: sites whose row names none), or a feeder.

    `alike`: other names that differ in capitals, spaces or dots alone.
    """

    kind: str
    isp: str
    name: str
    sites: Sequence[Site]
    alike: Sequence[str] = ()


def grown(sites: Iterable[Site], lines: Iterable[Mapping[str, Any]]) -> list[Branch]:
    """All branches of these sites, upstreams by provider and name, then feeders by name; `lines`
    are rows of uplinks with their site, isp and upstream."""
    held: dict[tuple[str, str, str], dict[str, Site]] = {}
    of_site: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        of_site.setdefault(line["site"], []).append((line["isp"], line["upstream"]))
    for site in sites:
        for isp, name in _ways(site, of_site.get(site.code, ())):
            held.setdefault((UPSTREAM, isp, name), {})[site.code] = site
        if site.power_feeder:
            held.setdefault((FEEDER, "", site.power_feeder), {})[site.code] = site
    spelled: dict[tuple[str, str], set[str]] = {}
    for kind, _, name in held:
        spelled.setdefault((kind, _plain(name)), set()).add(name)
    # feeders come last
    order = sorted(held, key=lambda key: (key[0] == FEEDER, *map(str.casefold, key[1:]), key))
    return [
        Branch(*key, _by_code(held[key]), sorted(spelled[key[0], _plain(key[2])] - {key[2]}))
        for key in order
    ]


def _ways(site: Site, lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Provider and upstream of each way out: as the site's row says, and as its lines do."""
    own = list(zip_longest(site.isps, site.upstreams, fillvalue=""))
    main = site.isps[0] if site.isps else ""
    ways = dict.fromkeys((isp or main, name) for isp, name in (*own, *lines))
    named = {isp for isp, name in ways if name}
    return ((isp, name) for isp, name in ways if name or (isp and isp not in named))


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _by_code(found: Mapping[str, Site]) -> Sequence[Site]:
    return [found[code] for code in sorted(found)]
