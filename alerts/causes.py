"""The first cause of an incident: what the collector thinks of its site, else what it is about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.ailments import Ailment
from alerts.alertmanager.foreign import KEY as FOREIGN
from alerts.faults import SERVICE, Parent
from collector.alarm_cause import Alarm, Beside, of_alarm
from collector.inventory.applying import inside_name, outside_name
from collector.states import CheckState, SiteState

# what a parent of many stands for when its members have no word of their own
_OF_PARENT = {"upstream": "isp", "isp": "isp", "feeder": "power", SERVICE: "server"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A cause, how sure we are (0 to 1), and what speaks for it."""

    cause: str = ""
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()


def of_one(
    ailment: Ailment,
    state: SiteState | None,
    beside: Sequence[CheckState],
    parent: str,
    fallen: str = "",
) -> Guess:
    """Of a site that is gone as its state has it; of anything else by what it is about.

    `beside`: the checks of the site; `parent`: what the service depends on, `fallen` its verdict.
    """
    if ailment.of_site and state is not None:
        return of_state(state)
    said = (ailment.reason,) if ailment.reason else ()
    # of what others watch we know nothing but their word
    if not ailment.site or ailment.key.startswith(FOREIGN):
        return Guess(evidence=said)
    near, far = vantage_points(ailment.check, beside)
    others = [Beside(c.name, c.kind, c.verdict) for c in beside if c.name != ailment.check]
    cause = of_alarm(
        Alarm(
            ailment.subject,
            ailment.kind or "other",
            ailment.reason,
            ailment.labels,
            near=near,
            far=far,
            depends_on=fallen,
            parent=parent,
            beside=others,
        )
    )
    return Guess(cause.name, cause.confidence, (*said, *cause.evidence))


def vantage_points(check: str, beside: Sequence[CheckState]) -> tuple[str, str]:
    """How a bad service is in its own village and from outside; "" where nobody looks from both."""
    verdicts: Mapping[str, str] = {one.name: one.verdict for one in beside}
    if (inside := inside_name(check)) != check:
        near = verdicts.get(inside, "")
        return (near, "bad") if near else ("", "")
    far = verdicts.get(outside_name(check), "")
    return ("bad", far) if far else ("", "")


def of_state(state: SiteState) -> Guess:
    return Guess(state.cause, state.confidence, state.evidence)


def of_several(parent: Parent, states: Sequence[SiteState]) -> Guess:
    """What most of the members have, with the evidence of the surest; else what the parent says."""
    named = Counter(state.cause for state in states if state.cause not in ("", "unknown"))
    if not named:
        kind = parent.kind.partition("/")[0]
        line = f"many of {parent.called} fell together"
        return Guess(_OF_PARENT.get(kind, ""), 0.4, (line,))
    cause, _ = named.most_common(1)[0]
    surest = max((s for s in states if s.cause == cause), key=lambda one: one.confidence)
    return Guess(cause, surest.confidence, surest.evidence)
