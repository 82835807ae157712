"""The bytes of a report, as an agent writes them: JSON in one line, gzip, an HTTP/1.1 request."""

import zlib
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.report import PROTOCOL, layout_id
from collector.simulate.spool import Finding

_GZIP = 31
# a centre unpacks what is packed harder no sooner, and it is the centre that is measured
_LEVEL = 1
_encoder = msgspec.json.Encoder()


class Layout:
    """A list of series names, with its id and how a report carries it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.id = layout_id(names)
        self.text = _encoder.encode({self.id: list(names)})


def rows(values: NDArray[np.float64]) -> list[bytes]:
    """Each row of numbers as JSON without its brackets; NaN is null, whole numbers are short."""
    if not len(values):
        return []
    text = _encoder.encode(values.tolist())[2:-2]
    text = text.replace(b".0,", b",").replace(b".0]", b"]")
    return text.removesuffix(b".0").split(b"],[")


def frame(n: int, at: float, up: float | None, layout: Layout, numbers: bytes) -> bytes:
    """One entry of `frames`."""
    uptime = "" if up is None else f'"up":{up:.3f},'
    head = f'{{"n":{n},"at":{at:.3f},{uptime}"layout":"{layout.id}","values":['
    return head.encode() + numbers + b"]}"


def finding(told: Finding, up: float) -> bytes:
    """One entry of `findings`."""
    entry = {
        "n": told.n,
        "at": round(told.at + told.clock_error, 3),
        "up": round(up, 3),
        "check": told.check,
        "verdict": told.verdict,
        "reason": told.reason,
    }
    return _encoder.encode(entry)


def body(
    spool: str,
    boot: str,
    sent_at: float,
    up: float | None,
    frames: Iterable[bytes],
    findings: Iterable[bytes] = (),
    layout: Layout | None = None,
    dropped: int = 0,
) -> bytes:
    """The whole report, not yet compressed; `layout` when the centre must be told of it.

    `up` None: its entries are of an earlier boot.
    """
    head = f'{{"v":{PROTOCOL},"spool":"{spool}","boot":"{boot}","sent_at":{sent_at:.3f}'
    if up is not None:
        head += f',"up":{up:.3f}'
    layouts = b',"layouts":' + layout.text if layout is not None else b""
    return b"".join(
        (
            head.encode(),
            layouts,
            b',"frames":[',
            b",".join(frames),
            b'],"findings":[',
            b",".join(findings),
            f'],"dropped":{dropped}}}'.encode(),
        )
    )


class Letterhead:
    """The part of every request that stays the same."""

    def __init__(self, host: str, path: str) -> None:
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: ronda-simulate\r\n"
            "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
        ).encode()

    def request(self, token: str, report: bytes, shutdown: bool = False) -> bytes:
        """A request ready for the socket."""
        packed = zlib.compress(report, _LEVEL, wbits=_GZIP)
        last = "X-Ronda-Shutdown: 1\r\n" if shutdown else ""
        tail = f"Authorization: Bearer {token}\r\n{last}Content-Length: {len(packed)}\r\n\r\n"
        return self._head + tail.encode() + packed


class Kept(msgspec.Struct):
    """What a 200 says of the entries of its request."""

    rejected: list[dict[str, object]] = []
    need_layouts: list[str] = []


_kept = msgspec.json.Decoder(Kept)


def read_answer(text: bytes) -> Kept:
    """The answer to a report; ValueError when it is not one."""
    return _kept.decode(text)
