"""Sites that were looked at at once: a round that began before passes them by."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from alerts.evaluation.cells import Portion
from alerts.evaluation.looking import Look
from collector.promql.labels import Ids

# when a site was looked at, and in which turn
_Record = dict[str, tuple[float, int]]


@dataclass(slots=True, eq=False)
class Ahead:
    """Since the round began; `turn` counts the times that sites were looked at at once.

    Kept apart by which rules looked: of a site that the round passes by, a rule that did not look
    would take what is pending for bad still, and fire.
    """

    turn: int = 0
    sites: _Record = field(default_factory=dict)  # by all rules
    told: _Record = field(default_factory=dict)  # only by those that findings are news to

    def add(self, at: float, sites: Iterable[str], told: Iterable[str]) -> None:
        self.turn += 1
        self.sites |= dict.fromkeys(sites, (at, self.turn))
        self.told |= dict.fromkeys(told, (at, self.turn))

    def clear(self) -> None:
        self.sites.clear()
        self.told.clear()

    def behind(self, look: Look, places: Ids) -> Ids:
        """Without the sites that no rule needs to look at any more."""
        ahead = [site for site, (at, _) in self.sites.items() if at > look.at]
        return places[~np.isin(places, look.places(ahead))] if ahead else places

    def passed(self, portion: Portion, read: int) -> tuple[set[str], set[str]]:
        """Sites of the portion, read in that turn, that were looked at since.

        First by all rules, then by those that findings are news to.
        """
        sites = _since(self.sites, portion, read)
        return sites, sites | _since(self.told, portion, read)


def _since(record: _Record, portion: Portion, read: int) -> set[str]:
    late, here = portion.look.at, portion.place_of
    return {
        code for code, (at, turn) in record.items() if code in here and (at > late or turn > read)
    }
