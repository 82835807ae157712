"""What to send next of one body, when a receiver refuses it: its halves, down to who is refused.

Pure: whoever sends tells what became of each part. Samples of one series are halved by time. Live
ones go on oldest first, for receivers that want them in order. Of a backlog the newest goes first:
a receiver that refuses the newest sample of a series refuses the older ones, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from collector.outward.encode import Piece


@dataclass(frozen=True, slots=True)
class _Part:
    pieces: Sequence[Piece]
    # parts of one series, which a refusal of the newest sample ends together
    series: int = 0


@dataclass(slots=True)
class Splitting:
    """`part` is what to send now; `accepted` or `refused` says what became of it."""

    sent: int = 0
    refused: int = 0
    _stack: list[_Part] = field(default_factory=list)
    _late: bool = False
    _series: int = 0

    @classmethod
    def of(cls, pieces: Sequence[Piece], late: bool) -> "Splitting":
        made = cls(_late=late)
        if pieces:
            made._stack.append(_Part(pieces))
        return made

    @property
    def part(self) -> Sequence[Piece]:
        """Empty when all of it is done."""
        return self._stack[-1].pieces if self._stack else ()

    def accept(self) -> None:
        self.sent += count(self._stack.pop().pieces)

    def refuse(self) -> None:
        """Halve it, or count it where it is a single sample."""
        part = self._stack.pop()
        if len(part.pieces) > 1:
            half = len(part.pieces) // 2
            self._stack += (_Part(part.pieces[half:]), _Part(part.pieces[:half]))
        elif len(part.pieces[0].times_ms) > 1:
            self._halve(part)
        else:
            self.refused += 1
            if self._late:
                self._refuse_older(part.series)

    def _halve(self, part: _Part) -> None:
        if not part.series:
            self._series += 1
        series = part.series or self._series
        older, newer = (_Part([piece], series) for piece in _halves(part.pieces[0]))
        self._stack += (older, newer) if self._late else (newer, older)

    def _refuse_older(self, series: int) -> None:
        while series and self._stack and self._stack[-1].series == series:
            self.refused += count(self._stack.pop().pieces)


def count(pieces: Sequence[Piece]) -> int:
    """Samples in them."""
    return sum(len(piece.times_ms) for piece in pieces)


def bodies(pieces: Sequence[Piece], most: int) -> list[list[Piece]]:
    """Groups of at most so many samples, in order; a longer series is cut."""
    made: list[list[Piece]] = []
    room = 0
    for piece in pieces:
        if len(piece.times_ms) <= room:
            made[-1].append(piece)
            room -= len(piece.times_ms)
            continue
        for at in range(0, len(piece.times_ms), most):
            times = piece.times_ms[at : at + most]
            if len(times) > room:
                made.append([])
                room = most
            made[-1].append(Piece(piece.labels, times, piece.values[8 * at : 8 * (at + most)]))
            room -= len(times)
    return made


def _halves(piece: Piece) -> tuple[Piece, Piece]:
    labels, times, values = piece
    half = len(times) // 2
    return (
        Piece(labels, times[:half], values[: 8 * half]),
        Piece(labels, times[half:], values[8 * half :]),
    )
