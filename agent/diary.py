"""Words for the person who reads the service's log; the same word on a matter only once."""

import sys

_last: dict[str, str] = {}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def say_once(matter: str, text: str) -> None:
    """Say it unless it was the last thing said of this matter; "" ends the matter in silence."""
    if _last.get(matter, "") != text:
        _last[matter] = text
        if text:
            say(text)
