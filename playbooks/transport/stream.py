"""Where what a command printed begins and ends: between marks that nobody can know beforehand."""

import re
import secrets

# a machine's greeting, kept for the reason where no command began
_MOST_NOISE = 2_000
_STATUS = rb" (\d{1,3})\r?\n"
_LONGEST_STATUS = len(" 255\r\n")


def new_mark() -> str:
    return f"ronda-{secrets.token_hex(16)}"


def decoded(data: bytes) -> str:
    """What a device printed; PostgreSQL keeps no NUL, and what is no UTF-8 is shown as such."""
    return data.decode(errors="replace").replace("\0", "\ufffd")


class Stream:
    """Takes what comes in pieces of any size; keeps the first `most` bytes between the marks.

    With `greeted` the output begins behind a line with the mark, else at once. It ends with the
    mark, a space and a number; what comes behind is of somebody else.
    """

    def __init__(self, mark: str, most: int, greeted: bool) -> None:
        self._mark, self._most = mark.encode(), most
        self._end = re.compile(re.escape(self._mark) + _STATUS)
        self._held = b""
        self.begun = not greeted
        self.ended = False
        self.exit: int | None = None
        self.dropped = 0
        self.noise = b""
        self.kept = bytearray()

    def feed(self, piece: bytes) -> None:
        """Never called once it has ended."""
        held = self._held + piece
        if not self.begun:
            held = self._past_greeting(held)
        if self.begun and (end := self._end.search(held)):
            self.exit, self.ended = int(end[1]), True
            self._keep(held[: end.start()])
            self._held = b""
            return
        # what may be the beginning of a mark waits for the rest of it
        safe = max(0, len(held) - len(self._mark) - _LONGEST_STATUS)
        if self.begun:
            self._keep(held[:safe])
        elif len(self.noise) < _MOST_NOISE:
            self.noise += held[:safe]
        self._held = held[safe:]

    def finish(self) -> None:
        """Nothing more will come, and no mark has: what was held back is output."""
        if self.begun:
            self._keep(self._held)
        else:
            self.noise += self._held
        self._held = b""

    def _past_greeting(self, held: bytes) -> bytes:
        before, mark, rest = held.partition(self._mark + b"\n")
        if not mark:
            return held
        self.begun = True
        self.noise += before
        return rest

    def _keep(self, output: bytes) -> None:
        room = max(0, self._most - len(self.kept))
        self.kept += output[:room]
        self.dropped += len(output[room:])
