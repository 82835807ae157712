"""What everybody may hear of an incident, in words of the village: what, where, since when, whether
somebody works on it. No device, no address, no reason that somebody could use, nobody's name. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.ailments import SITE
from alerts.docket import Case
from alerts.faults import SERVICE
from alerts.incidents import Incident
from collector.shown import APP_KINDS
from web.public import safe
from web.public.spots import app_name
from web.tongue import gettext, lazy_gettext

# by the template of its message: what it is for whoever uses it; all others are for the staff
_LINE: dict[str, tuple[str, Any]] = {
    "internet": ("down", lazy_gettext("The internet is down")),
    "line": ("down", lazy_gettext("The internet is down")),
    "suspended": ("down", lazy_gettext("The internet is down")),
    "dns": ("down", lazy_gettext("The internet does not work properly")),
    "slow": ("slow", lazy_gettext("The internet is slow")),
    "slow_answers": ("slow", lazy_gettext("The internet is slow")),
    "lossy": ("slow", lazy_gettext("The internet is slow")),
    "power": ("unknown", lazy_gettext("The electricity seems to be off")),
    "hotspot": ("down", lazy_gettext("Nobody can use the free wifi")),
    "no_sign_in": ("down", lazy_gettext("Nobody can use the free wifi")),
    "ap": ("slow", lazy_gettext("Part of the free wifi is off")),
    "dhcp": ("slow", lazy_gettext("The free wifi is full")),
    "citizens_internet": ("slow", lazy_gettext("People report trouble with the internet")),
    "citizens_app": ("slow", lazy_gettext("People report that an application cannot be opened")),
}
_APP: dict[str, tuple[str, Any]] = {
    "app": ("down", lazy_gettext("%(name)s cannot be opened")),
    "outside": ("down", lazy_gettext("%(name)s cannot be opened")),
    "defaced": ("down", lazy_gettext("%(name)s cannot be used for now")),
    "app_slow": ("slow", lazy_gettext("%(name)s opens slowly")),
}
_STAGES: dict[str, Any] = {
    "open": lazy_gettext("The staff has been told."),
    "acknowledged": lazy_gettext("It is being worked on."),
    "handled": lazy_gettext("It has been worked on; we wait until it is good again."),
}
# what is nobody's shame and helps nobody to break in
_CAUSES: dict[str, Any] = {
    "power": lazy_gettext("Probably the electricity is off."),
    "isp": lazy_gettext("Probably a fault at the internet provider."),
    "fiber": lazy_gettext("Probably a cable of the internet provider is cut."),
    "backbone": lazy_gettext("Probably a fault at the internet provider."),
}

Kinds = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Tale:
    """One incident; `sites` are the public ones it is about, here: those not back, if any."""

    number: int
    shape: str
    what: str
    stage: str
    cause: str
    since: float
    until: float | None
    sites: Sequence[str]

    @property
    def changed(self) -> float:
        """When there was news of it last."""
        return self.since if self.until is None else self.until


def tale(case: Case, here: frozenset[str], kinds: Kinds) -> Tale | None:
    """An incident as it is told to those who look at the sites `here`; None: it is not.

    `kinds`: the kind of a check by its site and name.
    """
    one = case.incident
    mine = [code for code in case.sites if code in here]
    if not mine:
        return None
    over = one.resolved_at is not None
    # of a storm that others are still in
    back = not over and case.back.issuperset(mine)
    if not over and not back:
        mine = [code for code in mine if code not in case.back]
    said = _of_many(one, mine) if one.parent else _of_one(one, kinds)
    if said is None:
        return None
    shape, what = said
    if one.unseen and not over:
        shape = "unknown"
    stage = "" if over else str(_STAGES.get(one.state, ""))
    if back:
        shape, stage = "normal", gettext("It works here again and is being watched.")
    cause = str(_CAUSES.get(one.cause, "")) if one.subject in ("uplink", "power") else ""
    return Tale(one.id, shape, what, stage, cause, one.down_since, one.resolved_at, mine)


def _of_many(one: Incident, mine: Sequence[str]) -> tuple[str, str] | None:
    if one.subject == "uplink":
        # most of a mass fault is silence, and silence is never red
        said = gettext("Many faults at once, no news")
        return "unknown", said if len(mine) > 1 else gettext("No news, as from places nearby")
    if one.parent_kind == SERVICE:
        named = safe.name(one.parent.partition("@")[0], "")
        if named and "." not in named:
            return "down", gettext("What hangs on %(name)s cannot be used", name=named)
        return "down", gettext("Several services cannot be used")
    return None


def _of_one(one: Incident, kinds: Kinds) -> tuple[str, str] | None:
    if one.key.startswith(SITE):
        kind = str(one.details.get("kind", ""))
        if kind in ("silent", "off"):
            return "unknown", gettext("No news from this place")
        return "down", gettext("The internet is down")
    template = str(one.details.get("told", {}).get("message", ""))
    if template in _LINE:
        shape, said = _LINE[template]
        return shape, str(said)
    kind = kinds(one.site, one.check)
    if template not in _APP or kind not in APP_KINDS:
        return None
    shape, said = _APP[template]
    return shape, gettext(said.text, name=app_name(one.check, kind))
