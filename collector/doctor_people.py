"""What `doctor` says of what people did: the chain of their acts holds, or where it does not."""

from sqlalchemy import Engine

from collector import chain, db
from collector.finding import Finding


def chained(engine: Engine) -> Finding:
    """Every act since the first."""
    with db.reading(engine) as connection:
        found = chain.check(connection)
    words = f"{found.count} acts, {found.blanked} without a name, head {found.head[:16] or 'none'}"
    if found.broken:
        words = f"{found.broken}; {words}"
        return Finding("acts", words, "compare with a backup, and ask who had access")
    return Finding("acts", words)
