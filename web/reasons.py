"""Reasons and evidence in the reader's language: agents and the centre write them in English.

A sentence nobody knows is shown as it came: an English reason is better than none.
"""

import re
from functools import lru_cache

from web.tongue import Later, gettext, lazy_gettext, spoken

# What agents (agent/probes, agent/dial) and the centre (collector/judge, cause, fold) may say.
# Where two fit, the one that stands first counts.
_SENTENCES = (
    lazy_gettext("no answer from DNS server %(place)s"),
    lazy_gettext("no answer from %(place)s"),
    lazy_gettext("no answer within %(n)s s"),
    lazy_gettext("%(place)s answers no DNS"),
    lazy_gettext("DNS server %(place)s cannot resolve %(name)s (%(code)s)"),
    lazy_gettext("DNS server %(place)s knows no address of %(name)s"),
    lazy_gettext("%(place)s says there is no name %(name)s"),
    lazy_gettext("the name %(name)s cannot be looked up now"),
    lazy_gettext("the name %(name)s is not found"),
    lazy_gettext("no route to %(place)s"),
    lazy_gettext("%(place)s refuses the connection"),
    lazy_gettext("%(place)s broke the connection off"),
    lazy_gettext("%(place)s accepts but says nothing"),
    lazy_gettext("no TLS with %(place)s: %(code)s"),
    lazy_gettext("HTTP %(code)s to %(place)s instead of %(wanted)s"),
    lazy_gettext("HTTP %(code)s instead of %(wanted)s"),
    lazy_gettext("redirected to %(place)s"),
    lazy_gettext("the page lacks %(text)s in its first %(n)s kB"),
    lazy_gettext("the page lacks %(text)s"),
    lazy_gettext("the page holds %(text)s"),
    lazy_gettext("certificate expired %(span)s ago"),
    lazy_gettext("certificate is valid only in %(span)s"),
    lazy_gettext("certificate of %(place)s: %(code)s"),
    lazy_gettext("the answer breaks off in the middle"),
    lazy_gettext("the answer is not HTTP"),
    lazy_gettext("the centre cannot be reached: %(code)s"),
    lazy_gettext("another page instead of the centre's: %(text)s"),
    lazy_gettext("another page instead of the centre's"),
    lazy_gettext("sent to %(place)s instead of the centre"),
    lazy_gettext("no process %(name)s"),
    lazy_gettext("no service %(name)s on this machine"),
    lazy_gettext("%(name)s does not run"),
    lazy_gettext("%(name)s fails and is started over and over (%(code)s)"),
    lazy_gettext("%(name)s failed (%(code)s)"),
    lazy_gettext("no %(name)s on this system"),
    lazy_gettext("no uplink works: %(name)s"),
    lazy_gettext("no uplink works"),
    lazy_gettext("%(n)s of packets are lost"),
    lazy_gettext("answers take %(n)s ms"),
    lazy_gettext("on the backup uplink"),
    lazy_gettext("never reported"),
    lazy_gettext("silent"),
    lazy_gettext("switched off"),
    lazy_gettext("site silent"),
    lazy_gettext("site switched off"),
    lazy_gettext("the centre was away"),
    lazy_gettext("its agent's figures say so"),
    lazy_gettext("it ran on battery before it fell silent"),
    lazy_gettext("a page of the provider came instead of the right one"),
    lazy_gettext("the link to the provider's device went before the silence"),
    lazy_gettext("the link to the provider's device held to the end"),
    lazy_gettext("the link to the provider's device was lost"),
    lazy_gettext("the optical receiver saw no light"),
    lazy_gettext("%(n)s more site of %(group)s fell silent at the same time, all on one provider"),
    lazy_gettext("%(n)s more sites of %(group)s fell silent at the same time, all on one provider"),
    lazy_gettext("%(n)s more site of %(group)s fell silent at the same time, all on %(isp)s"),
    lazy_gettext("%(n)s more sites of %(group)s fell silent at the same time, all on %(isp)s"),
    lazy_gettext(
        "%(n)s more site of %(group)s fell silent at the same time, on %(count)s providers"
    ),
    lazy_gettext(
        "%(n)s more sites of %(group)s fell silent at the same time, on %(count)s providers"
    ),
    lazy_gettext("its agent had started %(span)s before it came back"),
    lazy_gettext("its agent ran on through the silence of %(span)s"),
    lazy_gettext("its agent ran and saw the uplink down"),
    lazy_gettext("its agent ran, the link to the provider's device held, nothing answered beyond"),
)
_GROUPS = (
    lazy_gettext("the power feeder %(name)s"),
    lazy_gettext("the power feeder"),
    lazy_gettext("the district %(name)s"),
    lazy_gettext("the district"),
)
_SPANS = (
    lazy_gettext("%(n)s days"),
    lazy_gettext("%(n)s day"),
    lazy_gettext("%(n)s hours"),
    lazy_gettext("%(n)s hour"),
    lazy_gettext("%(n)s minutes"),
    lazy_gettext("%(n)s minute"),
    lazy_gettext("%(n)s h"),
    lazy_gettext("%(n)s min"),
    lazy_gettext("%(n)s s"),
    lazy_gettext("a moment"),
)
_INSIDE = {"span": _SPANS, "group": _GROUPS}
_PLACE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


def say(text: str) -> str:
    """The sentence in the language spoken."""
    return _say(text, spoken())


@lru_cache(maxsize=4096)
def _say(text: str, _language: str) -> str:
    return _among(text, _SENTENCES)


def _among(text: str, known: tuple[Later, ...]) -> str:
    for sentence in known:
        match = _pattern(sentence.text).fullmatch(text)
        if match:
            values = {
                name: _among(value, _INSIDE[name]) if name in _INSIDE else value
                for name, value in match.groupdict().items()
            }
            return gettext(sentence.text, **values)
    return text


@lru_cache(maxsize=256)
def _pattern(sentence: str) -> re.Pattern[str]:
    escaped = re.escape(sentence)
    return re.compile(_PLACE.sub(lambda m: f"(?P<{m[1] or m[2]}>.+)", escaped), re.DOTALL)
