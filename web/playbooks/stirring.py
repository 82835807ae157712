"""What has changed of runs since the last look, for pages that follow one or all of them."""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from collector.db import reading
from playbooks import run_search

# of runs that are new; older ones are on the page anyway
_MOST = 100


@dataclass(slots=True)
class Stirring:
    """Looks are made only while somebody follows; the first one only learns how things stand."""

    store: Engine
    _known: dict[int, str] | None = field(default=None, init=False)
    _newest: int = field(default=0, init=False)

    def look(self) -> dict[int, set[str]]:
        """The runs that changed, each with its sites."""
        with reading(self.store) as connection:
            known, newest = run_search.marks(connection), run_search.newest(connection)
            before, last = self._known, self._newest
            self._known, self._newest = known, newest
            if before is None:
                return {}
            changed = {run for run in {*before, *known} if before.get(run) != known.get(run)}
            # what began and ended between two looks never was among them
            changed |= set(range(max(last, newest - _MOST) + 1, newest + 1))
            return run_search.sites_of(connection, changed) if changed else {}

    def rev(self, number: int) -> str:
        """How one run stands, or (0) all of them; from here on changes are news."""
        with reading(self.store) as connection:
            known, newest = run_search.marks(connection), run_search.newest(connection)
        if self._known is None:
            self._known, self._newest = known, newest
        return run_search.mark(known, number, newest)

    def rest(self) -> None:
        """Nobody follows any more."""
        self._known = None
