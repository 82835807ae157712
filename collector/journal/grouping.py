"""A group of records as messages of a stream, and back."""

from collections.abc import Callable, Iterable, Iterator

import cramjam

from collector.journal.framing import Entry, Record, Stop, pack, take
from collector.journal.places import MOST_RECORDS, Places

# records are put together up to this size; a larger one is a message by itself
MESSAGE_BYTES = 512 << 10
_LEVEL = 1


def grouped(
    entries: Iterable[Entry], subject_of: Callable[[int], str]
) -> Iterator[tuple[str, bytes]]:
    """Subject and content of each message; records of one subject keep their order."""
    waiting: dict[str, list[Entry]] = {}
    sizes: dict[str, int] = {}
    for entry in entries:
        subject, size = subject_of(entry[2]), len(entry[3])
        group = waiting.setdefault(subject, [])
        if group and (sizes[subject] + size > MESSAGE_BYTES or len(group) == MOST_RECORDS):
            yield subject, pressed(group)
            group.clear()
        sizes[subject] = size + (sizes[subject] if group else 0)
        group.append(entry)
    for subject, group in waiting.items():
        yield subject, pressed(group)


def pressed(entries: Iterable[Entry]) -> bytes:
    """One message: records as they lie in a file that begins with them, compressed."""
    return bytes(cramjam.zstd.compress(pack(entries, 0), level=_LEVEL))


def records_of(data: bytes, places: Places, sequence: int) -> list[Record] | None:
    """The records of message `sequence`; None when it is damaged."""
    try:
        plain = bytes(cramjam.zstd.decompress(data))
    except cramjam.DecompressionError:
        return None
    found: list[Record] = []
    offset, why = take(plain, 0, 0, MOST_RECORDS + 1, found)
    if why is Stop.BAD or offset != len(plain) or not 0 < len(found) <= MOST_RECORDS:
        return None
    at = [places.position(sequence, number) for number in range(len(found))]
    at.append(places.position(sequence + 1))
    return [
        Record(
            at[number],
            at[number + 1],
            record.kind,
            record.at,
            record.agent,
            record.payload,
        )
        for number, record in enumerate(found)
    ]
