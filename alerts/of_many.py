"""What stands in the places of a message about several sites, or about no check."""

from collections.abc import Sequence

from alerts import message, wording
from alerts.ailments import Ailment
from alerts.faults import Parent
from alerts.scenery import Story
from alerts.whom import some
from collector.inventory import places

_PLACES = 3


def values(
    story: Story,
    ailments: Sequence[Ailment],
    language: str,
    stragglers: Sequence[Ailment],
    named: bool,
) -> dict[str, str]:
    """`named`: of many it is called what they share, and not by their own names."""
    incident = story.incident
    if not incident.parent:
        first = ailments[0]
        return {} if first.check or first.of_site else {"what": first.title}
    sites = [around.site for a in ailments if (around := story.of(a)) is not None]
    isps = dict.fromkeys(isp for site in sites for isp in site.isps[:1])
    areas = dict.fromkeys(places.district(site.code) for site in sites)
    replaced = incident.details.get("replaces", [])
    found = {
        "parent": Parent(incident.parent_kind, incident.parent).called,
        "members": str(incident.members),
        "neighbours": str(incident.members - 1) if wording.wide(incident) else "",
        "gone": wording.gone(ailments),
        "isp": ", ".join(isps) if len(isps) <= _PLACES else "",
        "districts": some([story.scenery.areas.get(area, "") or area for area in areas]),
        "replaces": ", ".join(f"#{number}" for number in replaced[:_PLACES]),
        "stragglers": some([a.title for a in stragglers]),
    }
    if named:
        return {**found, "what": incident.title, "place": incident.title, "short": incident.title}
    if not (wording.wide(incident) or ailments[0].check or ailments[0].of_site):
        # over: which check each of them was is not known any more
        found["what"] = incident.title
    names = list(dict.fromkeys(message.place(s.code, s.name, language) for s in sites))
    return {**found, "place": some(names)} if len(names) > 1 else found
