"""How often does a site report for now? As planned, or as its agent said that it would.

An agent that spares bytes says so with the last report before it does: its silence is expected.
"""

from collections.abc import Iterable

from collector.fold.memory import Memory
from collector.fold.sites import Site


class Paces:
    """What the agent that was heard last said, by site."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def hear(self, code: str, every_s: float | None) -> bool:
        """None: as planned. Is that another word than before?"""
        if self._said.get(code) == every_s:
            return False
        if every_s is None:
            del self._said[code]
        else:
            self._said[code] = every_s
        return True

    def every_s(self, site: Site) -> float:
        """Never less than planned: more reports than that are nobody's silence."""
        return max(site.every_s, self._said.get(site.code, 0.0))

    def resume(self, voices: Iterable[Iterable[Memory]]) -> None:
        """Be where the committed position left off; `voices`: the agents of each site."""
        for memories in voices:
            newest = max(memories, key=lambda memory: memory.contact)
            self.hear(newest.site, newest.every_s)
