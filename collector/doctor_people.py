"""What `doctor` says of people: second steps that open, and the chain of what was done."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine

from agent.strict import Refused
from collector import chain, db, second_steps, secret
from collector.chain import Checked
from collector.finding import Finding, few
from collector.settings import Settings


def findings(
    settings: Settings, engine: Engine, followed: Callable[[], Finding] | None = None
) -> Iterator[Finding]:
    """Accounts that cannot get in by their second step; every act since the first, which
    `followed` tells of for who looks often."""
    if shut_out := _shut_out(settings, engine):
        words = f"sealed with another key, nobody of these gets in: {few(shut_out)}"
        yield Finding("second steps", words, "ronda users reset NAME --second-step")
    if followed is not None:
        yield followed()
        return
    with db.reading(engine) as connection:
        yield acts(chain.check(connection))


def acts(found: Checked, more: str = "") -> Finding:
    """What was found of the chain; `more` is said of one that holds."""
    words = f"{found.count} acts, {found.blanked} without a name, head {found.head[:16] or 'none'}"
    if found.broken:
        words = f"{found.broken}; {words}"
        return Finding("acts", words, "compare with a backup, and ask who had access")
    return Finding("acts", words + more)


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
