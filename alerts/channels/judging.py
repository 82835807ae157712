"""What the answer of a gateway means: bodies are judged, not only status codes."""

import json
from typing import Any

from alerts.channels import NotifyFailed
from alerts.channels.answer import Answer
from collector.printable import on_one_line

LONGEST_WAIT_S = 3600.0
# later may be better: the rest of 4xx says that the request itself is wrong
TRY_AGAIN = frozenset({408, 421, 423, 425, 429})
_SAID_CHARS = 200


def said(answer: Answer) -> str:
    """The body on one line, cut."""
    return one_line(answer.body[: 4 * _SAID_CHARS].decode("utf-8", "replace"))


def one_line(text: object) -> str:
    # what a terminal would obey is not for doctor to print
    return on_one_line(str(text))[:_SAID_CHARS]


def table(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def within(told: object, *path: str) -> Any:
    """What stands in tables in tables; None where one of them is none."""
    for key in path:
        if not isinstance(told, dict):
            return None
        told = told.get(key)
    return told


def retry_after_s(answer: Answer) -> float | None:
    """How long the other side asks to wait; dates are not understood."""
    try:
        return seconds(float(answer.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def seconds(asked: object) -> float | None:
    """A wait that somebody asked for, within reason."""
    if isinstance(asked, bool) or not isinstance(asked, int | float) or asked != asked:
        return None
    return min(max(0.0, float(asked)), LONGEST_WAIT_S)


def by_status(answer: Answer, why: str = "") -> NotifyFailed:
    """The failure that a status says; `why` in the gateway's own words."""
    status = answer.status
    if 300 <= status < 400:
        return NotifyFailed(f"{status}: it points elsewhere; give the final address", True)
    permanent = 400 <= status < 500 and status not in TRY_AGAIN
    words = one_line(why) or said(answer)
    return NotifyFailed(f"{status} {words}".strip(), permanent, retry_after_s(answer))


def strange(answer: Answer, wanted: str) -> NotifyFailed:
    """A status of success with a body that nobody of this name would send: a portal, a proxy."""
    return NotifyFailed(f"{answer.status}, but this is no answer of {wanted}: {said(answer)}")
