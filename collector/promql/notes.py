"""What an answer has to say about itself: warnings and infos, each once, in Prometheus's words."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collector.promql.figures import short


@dataclass(slots=True)
class Notes:
    """`query` is the text that positions are counted in; a position below 0 is not told."""

    query: str = ""
    warnings: dict[str, None] = field(default_factory=dict)
    infos: dict[str, None] = field(default_factory=dict)

    def warn(self, text: str, position: int = -1) -> None:
        self.warnings[f"PromQL warning: {text}{self._at(position)}"] = None

    def inform(self, text: str, position: int = -1) -> None:
        self.infos[f"PromQL info: {text}{self._at(position)}"] = None

    def quantile(self, q: NDArray[np.float64], position: int) -> None:
        """Warn of every q that is none."""
        for value in np.unique(q[~((q >= 0) & (q <= 1))]).tolist():
            text = f"quantile value should be between 0 and 1, got {short(value)}"
            self.warn(text, position)

    def remark(self, text: str) -> None:
        """A warning of ours, which Prometheus does not have."""
        self.warnings[text] = None

    def _at(self, position: int) -> str:
        if position < 0:
            return ""
        before = self.query[:position]
        return f" ({before.count(chr(10)) + 1}:{position - before.rfind(chr(10))})"
