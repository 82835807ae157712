"""What sealed days of many sites came to, one day after the other. A store file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from collector.evidence import record, seals
from collector.evidence.lines import SITE
from collector.evidence.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A site's day by the record that counts, whose number is `record`."""

    site: str
    day: str
    record: int
    sealed_at: int
    tally: Tally


def days(connection: Connection, codes: Sequence[str], first: str, after: str) -> Iterator[SiteDay]:
    """The sealed days of these sites in [first, after), under the codes they were sealed with."""
    found = seals.bodies(connection, record.DAY, codes, first, after)
    for (site, day), one in sorted(found.items()):
        begin, end = int(one.told["from"]), int(one.told["to"])
        for line in record.lines_of(one.told):
            if line.kind == SITE:
                told = tally(line.spells, [(begin, end)], begin)
                yield SiteDay(site, day, one.number, one.sealed_at, told)
