"""What `doctor` says of what people did: the chain of their acts holds, or where it does not."""

from sqlalchemy import Engine

from collector import chain, db
from collector.chain import Checked
from collector.finding import Finding


def chained(engine: Engine) -> Finding:
    """Every act since the first."""
    with db.reading(engine) as connection:
        return acts(chain.check(connection))


def acts(found: Checked, more: str = "") -> Finding:
    """What was found of the chain; `more` is said of one that holds."""
    words = f"{found.count} acts, {found.blanked} without a name, head {found.head[:16] or 'none'}"
    if found.broken:
        words = f"{found.broken}; {words}"
        return Finding("acts", words, "compare with a backup, and ask who had access")
    return Finding("acts", words + more)
