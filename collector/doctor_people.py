"""What `doctor` says of people: second steps that open, and the chain of what was done."""

from collections.abc import Iterator

from sqlalchemy import Engine

from agent.strict import Refused
from collector import chain, db, second_steps, secret
from collector.finding import Finding, few
from collector.settings import Settings


def findings(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Accounts that cannot get in by their second step; every act since the first."""
    with db.reading(engine) as connection:
        found = chain.check(connection)
    if shut_out := _shut_out(settings, engine):
        words = f"sealed with another key, nobody of these gets in: {few(shut_out)}"
        yield Finding("second steps", words, "ronda users reset NAME --second-step")
    words = f"{found.count} acts, {found.blanked} without a name, head {found.head[:16] or 'none'}"
    if found.broken:
        words = f"{found.broken}; {words}"
        yield Finding("acts", words, "compare with a backup, and ask who had access")
    else:
        yield Finding("acts", words)


def _shut_out(settings: Settings, engine: Engine) -> list[str]:
    if not (settings.folder / secret.FILE).is_file():
        return []
    try:
        key = secret.load_secret(settings.folder)
    except Refused:
        # told of the key itself
        return []
    with db.reading(engine) as connection:
        return second_steps.unreadable(connection, key)
