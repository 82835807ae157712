"""How a reader can answer: the link made for them, and whether what they write reaches us."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerts import links, people
from alerts.channels.config import Line, hears
from alerts.links import Maker
from alerts.message import Facts
from collector.inventory import Contact
from collector.settings import Settings


@dataclass(frozen=True, slots=True)
class WayBack:
    """`channels` are those that hear; without a maker there are no links."""

    maker: Maker | None = None
    channels: frozenset[str] = frozenset()

    def hears(self, ways: Sequence[tuple[str, str]]) -> bool:
        """Whether an answer reaches us, by whichever of the ways the message went."""
        # nobody must write where nobody reads
        named = [name for name, _ in ways if name != people.PHONE]
        return bool(named) and all(name in self.channels for name in named)

    def onto(
        self,
        facts: Facts,
        contact: Contact,
        ways: Sequence[tuple[str, str]],
        now: float,
        asks: bool = True,
    ) -> Facts:
        """The facts with this reader's way back; `asks`: the message wants an answer."""
        link = self.maker.url(facts.incident, contact, now) if self.maker is not None else ""
        return replace(facts, link=link, replies=asks and self.hears(ways))


NONE = WayBack()


def of(settings: Settings, lines: Sequence[Line]) -> WayBack:
    """What this centre and its channels can do."""
    hearing = frozenset(line.name for line in lines if hears(line))
    return WayBack(links.maker(settings), hearing)
