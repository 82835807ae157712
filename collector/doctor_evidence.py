"""What `doctor` finds about sealed evidence: how far it goes, and whether it is this centre's."""

from collections.abc import Iterator

from sqlalchemy import Engine

from collector import secret
from collector.db import meta_get, reading
from collector.evidence import sealing, seals
from collector.evidence.sealer import KEY
from collector.evidence.signing import Signer, former_keys
from collector.finding import Finding
from collector.fold.commit import read_ticks
from collector.settings import Settings

_NAME, _TRUST = "evidence", "ronda report trust"


def findings(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Nothing where no day was to be sealed yet; the whole chain is for `ronda report verify`."""
    with reading(engine) as connection:
        head, seen = seals.head(connection), read_ticks(connection).believed
        mark = sealing.mark(meta_get(connection, KEY))
        count = seals.count(connection)
    if mark is None or seen is None or not mark.days:
        return
    words = f"{count} records, sealed up to {mark.sealed()}, head {head.number}:{head.link[:16]}"
    if head.number and not _ours(settings, head.key):
        other = f"record {head.number} is signed with a key that is not this centre's; {words}"
        yield Finding(_NAME, other, f"if it was restored without its key: {_TRUST} {head.key}")
    elif mark.behind(seen) > sealing.LATE_DAYS:
        late = f"{mark.behind(seen)} days are to be sealed; {words}"
        yield Finding(_NAME, late, "wait for the engine; if it stays so, read its log")
    else:
        yield Finding(_NAME, words)


def _ours(settings: Settings, key: str) -> bool:
    if key in former_keys(settings.folder):
        return True
    if not (settings.folder / secret.FILE).exists():
        # that it is gone is told by another finding
        return True
    return key == Signer(secret.load_secret(settings.folder)).key
