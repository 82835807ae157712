"""Which checks are kept from a site's agents, and why? What they do not know is.

An agent refuses a configuration whole, so that nothing it does not know may be in it. Each tells
what it knows; one that never did is taken to know everything.
"""

import re
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import Any

# what an agent may say of that
TOLD = re.compile(r"[a-z0-9_*:,;.+-]{1,16000}")
_LONGEST_RELEASE = 30
_EVERY, _PLAN, _RELEASE, _FORM = "*", "plan", "release", "form"
# the form of its reports: a script's, which reads no answer but its first lines
_LINES = "lines"


def unknown_to(check: Mapping[str, Any], told: str) -> str:
    """What of a check an agent that `told` its vocabulary does not know; "" when it knows all."""
    known = {kind: keys for kind, keys in vocabulary(told).items() if kind != _FORM}
    if not known:
        return ""
    kind = check["kind"]
    lacks = "a script does not know" if is_script(told) else "its agent is too old for"
    if kind not in known:
        return f"{lacks} checks of kind {kind}"
    words = known[kind] | known.get(_EVERY, frozenset())
    strange = sorted(key for key in check if key not in words)
    return f"{lacks} {strange[0]} of checks of kind {kind}" if strange else ""


def release(told: str) -> str:
    """The version of an agent that told it; "" of one that did not."""
    return next(iter(vocabulary(told).get(_RELEASE, ())), "")[:_LONGEST_RELEASE]


def about(told: str) -> dict[str, Any]:
    """What people are told of one that said this."""
    return {"release": release(told), "script": is_script(told)}


def kinds(told: str) -> int:
    """How many kinds of checks an agent knows."""
    return len(vocabulary(told).keys() - {_EVERY, _PLAN, _RELEASE, _FORM})


def is_script(told: str) -> bool:
    """Whether it reports in lines: nothing can be asked of it, and it passes over what it does
    not know."""
    return _LINES in vocabulary(told).get(_FORM, ())


def in_lines(told: str, lines: bool) -> str:
    """The same words, of one that reports in lines, or that does not."""
    others = [part for part in told.split(";") if part and not part.startswith(f"{_FORM}:")]
    return ";".join([*others, f"{_FORM}:{_LINES}"] if lines else others)


def plan_known_to(
    table: Mapping[str, Any], told: Iterable[str], ours: Container[str] = ()
) -> dict[str, Any]:
    """A configuration without the keys of its own that one of these agents does not know; `ours`
    never reach it."""
    known = [words[_PLAN] for one in told if _PLAN in (words := vocabulary(one))]
    return {k: v for k, v in table.items() if k in ours or all(k in words for words in known)}


# each release of the agent says its own; one that says another each time must not fill memory
@lru_cache(maxsize=64)
def vocabulary(told: str) -> Mapping[str, frozenset[str]]:
    """What an agent said: `kind:key,key;kind:...`; `*` is of every kind, `plan` the whole,
    `release` its version, `form` how it reports."""
    found: dict[str, frozenset[str]] = {}
    for part in told.split(";"):
        kind, colon, keys = part.strip().partition(":")
        if colon:
            found[kind] = frozenset(keys.split(","))
    return found
