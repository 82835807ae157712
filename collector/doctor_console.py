"""What `doctor` finds about the console: whether its live pages find room."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine

from collector import db
from collector.finding import Finding

# where the console writes down how many live pages are open, and were refused since it began
KEY = "live_status"


def live(engine: Engine) -> Iterator[Finding]:
    with db.reading(engine) as connection:
        told = json.loads(db.meta_get(connection, KEY, "{}"))
    if not told:
        return
    words = f"{told['open']} of {told['most']} open, {told['most_of_one']} of one reader"
    if told["given"]:
        words += f"; {told['given']} gave way to readers with fewer"
    if told["refused_own"]:
        most = f"a reader has {told['most_each']} at most"
        refused = f"{words}; {told['refused_own']} refused since it began: {most}"
        yield Finding("live pages", refused, "close some, or give people accounts of their own")
    if told["refused_all"]:
        refused = f"{words}; {told['refused_all']} refused since it began: all were taken"
        yield Finding("live pages", refused, "close pages that nobody reads")
    if not told["refused_own"] + told["refused_all"]:
        yield Finding("live pages", words)
