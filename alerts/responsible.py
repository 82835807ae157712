"""Who outside of a village mends what is broken: the provider of the line, PLN. Pure."""

from collections.abc import Mapping

from alerts.ailments import SITE
from alerts.incidents import Incident
from alerts.message import SURE
from collector.evidence import faults

ISP, PLN = "isp", "pln"
# all over the country, by any telephone
PLN_PHONE = "123"
# who does not pay the bill has to talk to the provider, too
_OF_FAULT: Mapping[str, tuple[str, ...]] = {
    faults.ISP: (ISP,),
    faults.PAYER: (ISP,),
    faults.POWER: (PLN,),
}
_ABOUT = ("uplink", "power")


def parties(incident: Incident) -> tuple[str, ...]:
    """In the order to call them; of a place that is gone while nobody is sure, both.

    Nobody where it is no line, or surely the village's own.
    """
    if incident.subject not in _ABOUT:
        return ()
    fault = faults.fault_of(incident.cause)
    theirs = _OF_FAULT.get(fault, ())
    if incident.cause not in ("", "unknown") and incident.confidence >= SURE:
        return theirs
    if incident.subject == "power":
        return (PLN,)
    if shared := _of_parent(incident):
        # what many share is what broke, unless the guess is another
        return tuple(dict.fromkeys((*theirs, shared)))
    # who tells of a bad line, or is shown the page of a bill, has power
    if not incident.key.startswith(SITE) or fault == faults.PAYER:
        return (ISP,)
    return (PLN, ISP) if theirs == (PLN,) else (ISP, PLN)


def _of_parent(incident: Incident) -> str:
    """Whose is what the members of an incident share; "" where it is of one place."""
    kind = incident.parent_kind.partition("/")[0]
    return {"feeder": PLN, "upstream": ISP, "isp": ISP}.get(kind, "")
