"""What a start has to catch up: memories not saved yet, a window lost with the machine."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine

from collector import positions
from collector.db import reading
from collector.fold.commit import FOLD, MEMORIES
from collector.fold.events import (
    Contact,
    Event,
    Found,
    Heard,
    Lossy,
    Moved,
    Recalled,
    Sampled,
    Second,
)
from collector.fold.memory import Memory
from collector.fold.numbers import Numbers
from collector.fold.reports import Reader
from collector.fold.setback import Hand
from collector.fold.sites import Sites
from collector.intake.timing import NEVER
from collector.inventory import store as inventory
from collector.journal.framing import Record
from collector.journal.protocol import Reader as Journal
from collector.journal.protocol import between
from collector.judge import Thresholds
from collector.series import blocks
from collector.series.window import WindowWriter
from collector.series.window_head import next_minutes
from collector.settings import Settings

# for so long before a sample it may have been told what it is placed by, and that it was there
BEFORE_S = 900.0


def catch_up(store: Engine, journal: Journal, reader: Reader, limits: Thresholds) -> None:
    """Bring memories that were not saved with the last commit up to it; nothing else changes."""
    with reading(store) as connection:
        position = positions.get(connection, FOLD)
        start = positions.get(connection, MEMORIES, position)
    for records in between(journal, start, position):
        _remember(records, reader, limits)


def _remember(records: Sequence[Record], reader: Reader, limits: Thresholds) -> None:
    for record in records:
        reader.read(record)
    reader.shapes.judge(limits)
    for event in reader.events:
        if isinstance(event, Sampled):
            event.remember()
    reader.clear()


def open_window(
    settings: Settings, store: Engine, history: Engine, position: int, last: str
) -> tuple[WindowWriter, dict[int, int]]:
    """The window for the sites that there are now, and by row before which minute all is in blocks.

    `last`: the name of the one that the position was reached with.
    """
    with reading(history) as connection:
        packed = blocks.all_packed(connection)
    with reading(store) as connection:
        sites = inventory.count(connection)
    minutes = next_minutes(settings.window, settings.window_minutes, sites)
    return WindowWriter.open(settings.window, minutes, position, packed, last), packed


def needed_from(window: WindowWriter, newest: float, unpacked: int) -> float:
    """What came in before that time the window need not be given: it reaches back no further, and
    before minute `unpacked` all is in blocks."""
    first = min(int(newest // 60) - window.minutes + 1, unpacked)
    return first * 60.0 - BEFORE_S


@contextmanager
def reaching_back(window: WindowWriter, newest: float, packed: Mapping[int, int]) -> Iterator[None]:
    """Meanwhile the window takes what is in blocks already, as far as it reaches: whoever asks
    about many sites looks for all of that time in the window."""
    window.unpack(max(0, int(newest // 60) - window.minutes + 1))
    yield
    for row, minute in packed.items():
        window.packed_until(row, minute)


def refill(
    journal: Journal,
    sites: Sites,
    reader: Reader,
    numbers: Numbers,
    position: int,
    memories: Mapping[int, Memory],
    begin: float,
) -> float:
    """Read what came in since `begin` again for the window alone; nothing is concluded.

    `reader` and `numbers` are new ones, for this. What came late is in blocks already, as is what
    the window refuses: `numbers` is not saved. Back comes the time of the oldest record, 0 without.
    """
    for memory in memories.values():
        # of who has said nothing since then, too
        if (site := sites.get(memory.site)) is not None and memory.contact > NEVER:
            numbers.reported(site.row, memory.contact)
    numbers.flush()
    hand, since = Hand(), 0.0
    for found in between(journal, journal.from_time(begin, position), position):
        records, since = found, since or found[0].at
        while (place := hand.back(records)) is not None:
            _refill(records[:place], sites, reader, numbers)
            now = records[place].at
            for memory in memories.values():
                memory.set_back(now)
            numbers.set_back(now)
            hand.set_back(now)
            since = min(since, now)
            records = records[place:]
        _refill(records, sites, reader, numbers)
    numbers.flush()
    return since


def _refill(records: Sequence[Record], sites: Sites, reader: Reader, numbers: Numbers) -> None:
    if not records:
        return
    numbers.position = records[0].position
    for record in records:
        reader.read(record)
    for shape in reader.shapes.used:
        shape.fill()
        numbers.live(shape)
    _show(sites, reader, numbers)
    numbers.settle()
    reader.clear()


def _show(sites: Sites, reader: Reader, numbers: Numbers) -> None:
    for event in reader.events:
        if not isinstance(event, Second | Heard):
            site = sites.get(event.memory.site)
            if site is not None:
                _write(site.row, event, numbers)


def _write(row: int, event: Event, numbers: Numbers) -> None:
    match event:
        case Contact():
            numbers.reported(row, event.at)
        case Recalled():
            numbers.past(event)
        case Found():
            numbers.found(row, event)
        case Moved():
            numbers.moved(row, event)
        case Lossy():
            numbers.lossy(row, event)
