"""What is wrong now, each thing once by its key, whoever says so: a site's state, or rules."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

SITE = "site:"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is wrong, with what an incident about it needs.

    `at`: when it turned bad; `noticed`: when the centre learnt of it. `kind` is that of the check,
    or how the site is gone: silent, down, off. `told` holds the annotations of its rule.
    """

    key: str
    site: str
    subject: str
    severity: str
    title: str
    at: float
    noticed: float
    rule: str = ""
    check: str = ""
    kind: str = ""
    reason: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    # of the series that complains, its metric as __name__
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_site(self) -> bool:
        """The site itself is gone, not something in it."""
        return self.key.startswith(SITE)


@dataclass(frozen=True, slots=True)
class End:
    """A fault is over since `at`; quiet: nobody is told, because nobody saw it end well."""

    at: float
    why: str
    quiet: bool = False


class Ailments:
    """All of them, and what became of them since the last look."""

    def __init__(self) -> None:
        # what is wrong, by key, and by who says so
        self._said: dict[str, dict[str, Ailment]] = {}
        self._key_of: dict[str, str] = {}
        self._unseen: set[str] = set()
        self._ended: dict[str, End] = {}

    def raised(self, source: str, fault: Ailment) -> None:
        """`source` says that this is wrong, from now on or still."""
        before = self._key_of.get(source)
        if before is not None and before != fault.key:
            self._said[before].pop(source, None)
        self._key_of[source] = fault.key
        self._said.setdefault(fault.key, {})[source] = fault
        self._ended.pop(fault.key, None)

    def over(self, source: str, end: End) -> None:
        """`source` does not say so any more; the fault ends with the last one who does."""
        key = self._key_of.pop(source, None)
        self._unseen.discard(source)
        if key is None:
            return
        left = self._said[key]
        left.pop(source, None)
        if not left:
            del self._said[key]
            self._ended[key] = end

    def seen(self, source: str, clearly: bool) -> None:
        """Whether `source` can still see how it is."""
        if clearly:
            self._unseen.discard(source)
        elif source in self._key_of:
            self._unseen.add(source)

    def says(self, source: str) -> str | None:
        """The key of what `source` says is wrong."""
        return self._key_of.get(source)

    def find(self, key: str) -> Ailment | None:
        """The fault as its first source tells it, since the earliest time that any does."""
        said = self._said.get(key)
        if not said:
            return None
        first = next(iter(said.values()))
        earliest = min(fault.at for fault in said.values())
        return first if first.at == earliest else replace(first, at=earliest)

    def unseen(self, key: str) -> bool:
        """Nobody can see how this fault is now."""
        said = self._said.get(key, {})
        return bool(said) and all(source in self._unseen for source in said)

    def ended(self) -> dict[str, End]:
        """What ended since the last call."""
        ended, self._ended = self._ended, {}
        return ended

    @property
    def keys(self) -> Set[str]:
        return self._said.keys()

    def __contains__(self, key: str) -> bool:
        return key in self._said
