"""What a selector means in one catalogue: found once, since rules ask the same every round."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collector.promql import derived
from collector.promql.catalogue import SITE_LABELS, Catalogue
from collector.promql.labels import NAME, Ids, Words, of_rows
from collector.promql.matchers import rows_of
from collector.promql.others import rows_that
from collector.promql.plan import Matcher
from collector.promql.register import CONFIGURATION

Bools = NDArray[np.bool_]

_DERIVED = of_rows(Words(), derived.NAMES)
_CONFIGURATION = of_rows(Words(), [{NAME: CONFIGURATION}])


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """Stored columns, places in `derived.NAMES`, rows of the inventory's lines, and the sites."""

    columns: NDArray[np.int32]
    derived: Sequence[int]
    lines: Ids
    configuration: bool
    sites: Bools  # by place in the catalogue
    others: bool  # are there series of other programs, too?


@dataclass(slots=True)
class Meanings:
    """Of the selectors of all rules."""

    _catalogue: Catalogue | None = None
    _known: dict[tuple[Matcher, ...], Meaning] = field(default_factory=dict)

    def of(self, catalogue: Catalogue, matchers: tuple[Matcher, ...]) -> Meaning:
        if catalogue is not self._catalogue:
            self._catalogue = catalogue
            self._known = {}
        if matchers not in self._known:
            self._known[matchers] = _meaning(catalogue, matchers)
        return self._known[matchers]


def _meaning(catalogue: Catalogue, matchers: tuple[Matcher, ...]) -> Meaning:
    asked = [matcher for matcher in matchers if matcher.label not in SITE_LABELS]
    sites = np.zeros(len(catalogue.sites.rows), bool)
    sites[catalogue.sites_of(matchers)] = True
    return Meaning(
        np.array(catalogue.columns_of(matchers), np.int32),
        np.flatnonzero(rows_of(_DERIVED, asked)).tolist(),
        np.flatnonzero(rows_of(catalogue.lines.labels, asked)).astype(np.int64),
        bool(rows_of(_CONFIGURATION, asked).any()),
        sites,
        len(rows_that(catalogue, matchers)) > 0,
    )
