"""Reports of citizens in the words of the console."""

from collections.abc import Mapping

from alerts.citizens.listing import ALL, OPEN_ONES
from alerts.citizens.report import Kind, Report, State
from alerts.citizens.wording import Held
from web import words
from web.tongue import Later, gettext, lazy_gettext

_KINDS: Mapping[str, Later] = {
    Kind.DEAD: lazy_gettext("Internet down"),
    Kind.SLOW: lazy_gettext("Wifi slow"),
    Kind.APP: lazy_gettext("Application cannot be opened"),
    Kind.IDEA: lazy_gettext("Suggestion"),
}
_STATES: Mapping[str, Later] = {
    OPEN_ONES: lazy_gettext("all that are open"),
    State.WAITING: lazy_gettext("waiting"),
    State.JOINED: lazy_gettext("part of an incident"),
    State.SOLVED: lazy_gettext("solved"),
    State.CLOSED: lazy_gettext("closed"),
    State.SPAM: lazy_gettext("spam"),
    ALL: lazy_gettext("all but spam"),
}
_HELD: Mapping[str, Later] = {
    Held.RUDE: lazy_gettext("bad words, masked"),
    Held.PERSONAL: lazy_gettext("personal data, masked"),
    Held.LINK: lazy_gettext("a link, masked"),
}
_VIA: Mapping[str, Later] = {
    "web": lazy_gettext("form"),
    "sms": lazy_gettext("SMS"),
    "whatsapp": lazy_gettext("WhatsApp"),
    "telegram": lazy_gettext("Telegram"),
}


def kind(name: str) -> str:
    return str(_KINDS.get(name, name))


def state(name: str) -> str:
    return str(_STATES.get(name, name))


def via(name: str) -> str:
    return str(_VIA.get(name, name))


def held(names: str) -> str:
    """Why its words were held, with commas between."""
    return ", ".join(str(_HELD[name]) for name in names.split(",") if name in _HELD)


def clock(report: Report, within_s: float, at: float) -> str:
    """`sisa 3 j`, `terlambat 5 mnt`; "" for what is handled or over."""
    if not report.open or report.handled_at is not None:
        return ""
    left = report.deadline(within_s) - at
    if left < 0:
        return gettext("late by %(time)s", time=words.lasted(-left))
    return gettext("%(time)s left", time=words.lasted(left))
