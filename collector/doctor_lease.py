"""Which engine of the centre works, as `doctor` on this machine sees it?"""

from collections.abc import Iterator

from sqlalchemy import Engine

from collector import db
from collector.finding import Finding, few
from collector.lease import Engines, engines, own_name
from collector.settings import Settings

NAME = "lease"


def findings(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """None with SQLite, where there is one engine or none."""
    if engine.dialect.name == "postgresql":
        with db.reading(engine) as connection:
            yield told(engines(connection), own_name(settings))


def told(found: Engines, own: str) -> Finding:
    """What that means to somebody who looks from the machine called `own`."""
    others = [name for name in found.standing_by if name != own]
    if not found.working:
        return Finding(NAME, "no engine works", "start one: ronda up, or ronda serve --role engine")
    if found.working == own and others:
        return Finding(NAME, f"the engine of this machine works; {few(others)} stands by")
    if found.working == own:
        return Finding(NAME, "the engine of this machine works; none stands by")
    if own in found.standing_by:
        return Finding(NAME, f"the engine of {found.working} works; this machine's stands by")
    return Finding(NAME, f"the engine of {found.working} works; none of this machine stands by")
