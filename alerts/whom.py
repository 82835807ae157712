"""Whom the reader of a message may phone: who mends it, and who in the village knows of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts import people, responsible
from alerts.ailments import Ailment
from alerts.message import VALUE_CHARS, one_line
from alerts.scenery import Around, Story
from alerts.words import words
from collector.inventory import Contact
from collector.printable import called

_MOST = 3
_MOST_OF_A_VILLAGE = 2
_ISP_CHARS = 30


@dataclass(frozen=True, slots=True)
class There:
    """The people of the village: whom a message has reached, to whom one is on its way, and who
    could be told by phone."""

    told: Sequence[Contact] = ()
    written: Sequence[Contact] = ()
    untold: Sequence[Contact] = ()


def mending(story: Story, ailments: Sequence[Ailment], language: str) -> str:
    """Who mends it, with their telephones: `Telkom 147 (service number 152201), PLN 123`."""
    places = [around for one in ailments if (around := story.of(one)) is not None]
    found: list[str] = []
    for party in responsible.parties(story.incident):
        pln = party == responsible.PLN
        found += [f"PLN {responsible.PLN_PHONE}"] if pln else _providers(places, language)
    return _fitting(some(found, n) for n in range(_MOST, 0, -1))


def of_village(there: There | None, language: str) -> dict[str, str]:
    """What a message to somebody elsewhere says of them: `village` in a line, `told` their names
    alone. Nothing where it is about no village."""
    if there is None:
        return {}
    known = words(language).words
    ways = (
        ("told_there", there.told),
        ("written_there", there.written),
        ("untold_there", there.untold[:1]),
    )
    which, who = next((way for way in ways if way[1]), ("nobody_there", ()))
    names = [f"{called(c.name)} {people.number(c)}".strip() for c in who[:_MOST_OF_A_VILLAGE]]
    lines = (
        known[which].format(who=", ".join(names[:n])) for n in range(_MOST_OF_A_VILLAGE, 0, -1)
    )
    return {"village": _fitting(lines), "told": names[0] if names else ""}


def some(names: Sequence[str], most: int = _MOST) -> str:
    """A, B, C +34."""
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:most])
    return f"{shown} +{len(listed) - most}" if len(listed) > most else shown


def _fitting(said: Iterable[str]) -> str:
    """The first that a message has whole: half a telephone number is none."""
    return next((each for each in said if len(each) <= VALUE_CHARS), "")


def _providers(places: Sequence[Around], language: str) -> list[str]:
    """Those with most of the lines first; of a single line with its number."""
    lines = Counter(around.isp for around in places if around.isp)
    phones: dict[str, str] = {}
    for around in places:
        if around.uplink is not None and around.uplink.isp_phone:
            phones.setdefault(around.isp, around.uplink.isp_phone)
    named = {isp: f"{one_line(isp, _ISP_CHARS)} {phones.get(isp, '')}".strip() for isp in lines}
    if len(places) == 1 and (line := places[0].uplink) is not None and line.service_no:
        number = words(language).words["service"].format(number=one_line(line.service_no, 40))
        named = {isp: f"{said} ({number})" for isp, said in named.items()}
    return [named[isp] for isp, _ in lines.most_common()]
