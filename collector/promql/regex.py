"""Regular expressions as Prometheus has them: RE2, anchored at both ends, `.` is any character.

RE2 needs time in proportion to the text, whatever the pattern; Python's own engine may need ages.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from collector.promql.limits import Failed

_MEMORY = 4 << 20
_LONGEST = 4096
_TEMPLATE = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The compiled pattern; ValueError for what RE2 does not know (look-around, references)."""
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = _MEMORY
    if len(pattern) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        raise ValueError(said.decode() if isinstance(said, bytes) else str(said)) from None


def matcher(pattern: str) -> Callable[[str], bool]:
    """Does the whole of a word match?"""
    found = compiled(pattern)
    return lambda text: found.fullmatch(text) is not None


def replacer(pattern: str, template: str) -> Callable[[str], str | None]:
    """For label_replace: the template with the groups of a matching word; None for no match."""
    try:
        found = compiled(pattern)
    except ValueError:
        problem = f"invalid regular expression in label_replace(): {pattern}"
        raise Failed(problem) from None

    def change(text: str) -> str | None:
        match = found.fullmatch(text)
        return None if match is None else _expand(template, match)

    return change


def _expand(template: str, match: Any) -> str:
    def put(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        groups = match.re.groupindex
        number = int(name) if name.isdigit() else groups.get(name, -1)
        if not 0 <= number <= match.re.groups:
            return ""
        found = match.group(number)
        return "" if found is None else str(found)

    return _TEMPLATE.sub(put, template)


def replaced(pattern: str, template: str, text: str) -> str:
    """Every match in the text as the template says; ValueError for a pattern that is none."""
    found = compiled(pattern)
    return str(found.sub(lambda match: _expand(template, match), text))


def found_in(pattern: str, text: str) -> bool:
    """Does the pattern match anywhere? ValueError for a pattern that is none."""
    return compiled(pattern).search(text) is not None
