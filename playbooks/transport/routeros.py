"""Commands in RouterOS's own language, as a script that is given whole with the request to run it.

An error ends a script: its text is what was printed last, and the mark behind it is missing. So
success is the mark, and there is no number for a failure.
"""

import re

from agent.strict import Refused
from playbooks.session import MOST_OUTPUT, Output
from playbooks.transport.line import Ended, Line
from playbooks.transport.stream import Stream, new_mark

_MOST_BYTES = 4 * MOST_OUTPUT
# a request travels as one packet, which may have 35,000 bytes (RFC 4253, 6.1)
MOST_SCRIPT = 32_000
# colours and movements of the cursor, titles of windows, and the rest that is not printed
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f]",
    re.DOTALL,
)


class RouterOsSession:
    """A Session with a router's console, without a terminal: nothing asks, nothing is repainted."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def run(self, text: str, limit_s: float) -> Output:
        stream, ended = self._exchange(text, limit_s, _MOST_BYTES)
        raw = bytes(stream.kept).decode(errors="replace") + ended.complaint
        shown = cleaned(raw)
        cut = stream.dropped > 0 or len(shown) > MOST_OUTPUT
        return Output(shown[:MOST_OUTPUT], stream.exit, ended.took_s, cut)

    def fetch(self, text: str, limit_s: float, most: int) -> bytes:
        stream, ended = self._exchange(text, limit_s, most)
        if stream.dropped:
            raise self._line.lost(f"what it prints is longer than {most} bytes", sent=True)
        if stream.exit is None:
            told = cleaned(stream.kept[-400:].decode(errors="replace") + ended.complaint)
            why = f": {told.split(chr(10))[-1][:200]}" if (told := told.strip()) else ""
            raise self._line.lost(f"what it prints is not whole{why}", sent=True)
        return bytes(stream.kept)

    def put(self, data: bytes, place: str, limit_s: float) -> Output:
        # it could take one by SFTP, and cannot say its checksum: nobody would know what came
        raise Refused("put", "RouterOS takes no files from Ronda")

    def close(self) -> None:
        self._line.close()

    def _exchange(self, text: str, limit_s: float, most: int) -> tuple[Stream, Ended]:
        mark = new_mark()
        # One block: also a console that takes line by line keeps its variables and ends at the
        # first error. The mark is put together there: what is quoted of a script never is one.
        script = f'{{\n{text}\n:put ("{mark[:16]}" . "{mark[16:]} 0")\n}}\n'
        if len(script.encode()) > MOST_SCRIPT:
            raise self._line.lost(f"a script is longer than {MOST_SCRIPT} bytes", sent=False)
        stream = Stream(mark, most, greeted=False)
        return stream, self._line.exchange(script, b"", stream, limit_s)


def cleaned(text: str) -> str:
    """What a person would have seen: lines that were painted anew count as painted last."""
    return "\n".join(_painted(line) for line in text.split("\n"))


def _painted(line: str) -> str:
    paints = [_CONTROL.sub("", paint) for paint in line.split("\r")]
    return next((paint for paint in reversed(paints) if paint), "")
