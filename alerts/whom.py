"""Whom the reader of a message may phone: who mends it, and who in the village knows of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alerts import people, responsible
from alerts.ailments import Ailment
from alerts.message import one_line
from alerts.scenery import Around, Story
from alerts.words import words
from collector.inventory import Contact

_MOST = 3
_MOST_OF_A_VILLAGE = 2
_NAME_CHARS = 30
# what a value of a message may have
_MOST_CHARS = 120


@dataclass(frozen=True, slots=True)
class There:
    """The people of the village: who was told, and who could be told by phone."""

    told: Sequence[Contact] = ()
    untold: Sequence[Contact] = ()


def mending(story: Story, ailments: Sequence[Ailment], language: str) -> str:
    """Who mends it, with their telephones: `Telkom 147 (service number 152201), PLN 123`."""
    places = [around for one in ailments if (around := story.of(one)) is not None]
    found: list[str] = []
    for party in responsible.parties(story.incident):
        pln = party == responsible.PLN
        found += [f"PLN {responsible.PLN_PHONE}"] if pln else _providers(places, language)
    kept = range(_MOST, 0, -1)
    # half a telephone number is none
    return next((said for n in kept if len(said := some(found, n)) <= _MOST_CHARS), "")


def of_village(there: There | None, language: str) -> dict[str, str]:
    """What a message to somebody elsewhere says of them: `village` in a line, `told` their names
    alone. Nothing where it is about no village."""
    if there is None:
        return {}
    known = words(language).words
    which = "told_there" if there.told else "untold_there" if there.untold else "nobody_there"
    listed = there.told[:_MOST_OF_A_VILLAGE] or there.untold[:1]
    names = ", ".join(f"{one_line(c.name, _NAME_CHARS)} {people.number(c)}".strip() for c in listed)
    return {"village": known[which].format(who=names), "told": names}


def some(names: Sequence[str], most: int = _MOST) -> str:
    """A, B, C +34."""
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:most])
    return f"{shown} +{len(listed) - most}" if len(listed) > most else shown


def _providers(places: Sequence[Around], language: str) -> list[str]:
    """Those with most of the lines first; of a single line with its number."""
    lines = Counter(around.isp for around in places if around.isp)
    phones: dict[str, str] = {}
    for around in places:
        if around.uplink is not None and around.uplink.isp_phone:
            phones.setdefault(around.isp, around.uplink.isp_phone)
    named = {isp: f"{one_line(isp, _NAME_CHARS)} {phones.get(isp, '')}".strip() for isp in lines}
    if len(places) == 1 and (line := places[0].uplink) is not None and line.service_no:
        number = words(language).words["service"].format(number=one_line(line.service_no, 40))
        named = {isp: f"{said} ({number})" for isp, said in named.items()}
    return [named[isp] for isp, _ in lines.most_common()]
