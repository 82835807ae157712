"""A report as bytes, and what the collector's answer to it says. Pure."""

import json
import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.entries import Batch, Finding, Frame
from agent.report import PROTOCOL

_GZIP = 31
_WHOLE = 2**53


@dataclass(frozen=True, slots=True)
class Moment:
    """This machine's clocks when a report leaves."""

    at: float
    up: float
    boot: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`rejected` gives the reason by number; `orders` are the kinds in `do`."""

    rejected: dict[int, str]
    need_layouts: tuple[str, ...]
    config: str
    epoch: str
    time: float | None
    orders: tuple[str, ...]


def report(
    batch: Batch,
    moment: Moment,
    known: Container[str],
    dropped: int,
    further: Mapping[str, Any] | None = None,
) -> bytes:
    """The report as JSON; layouts that are `known` to the collector are left out. `further`:
    what else there is to say of the agent."""
    table: dict[str, Any] = {"v": PROTOCOL, "spool": batch.spool, "boot": batch.boot}
    table["sent_at"] = round(moment.at, 2)
    if batch.boot == moment.boot:
        # entries of an earlier boot: its uptime says nothing of them
        table["up"] = round(moment.up, 2)
    layouts = {key: names for key, names in batch.layouts.items() if key not in known}
    if layouts:
        table["layouts"] = layouts
    table["frames"] = [_frame(f) for f in batch.frames]
    table["findings"] = [_finding(f) for f in batch.findings]
    table["dropped"] = dropped
    table |= further or {}
    return json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()


def gzip(body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return squeeze.compress(body) + squeeze.flush()


def read_answer(body: bytes) -> Answer:
    """ValueError when it is no answer to a report."""
    try:
        table = json.loads(body)
    except ValueError:
        # where a parser stumbled over a billing page helps nobody
        table = None
    if not isinstance(table, dict) or "kept" not in table:
        raise ValueError("another page, or another program, answers at its address")
    time = table.get("time")
    return Answer(
        dict(_rejection(entry) for entry in _list(table, "rejected")),
        tuple(map(str, _list(table, "need_layouts"))),
        str(table.get("config") or ""),
        str(table.get("epoch") or ""),
        float(time) if isinstance(time, int | float) and 0 < time < _WHOLE else None,
        tuple(_order(order) for order in _list(table, "do")),
    )


def _frame(frame: Frame) -> dict[str, Any]:
    values = [_number(v) for v in frame.values]
    return {
        "n": frame.n,
        "at": frame.at,
        "up": frame.up,
        "layout": frame.layout,
        "values": values,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "n": finding.n,
        "at": finding.at,
        "up": finding.up,
        "check": finding.check,
        "verdict": finding.verdict,
        "reason": finding.reason,
        **({"site": finding.site} if finding.site else {}),
    }


def _number(value: float) -> float | int | None:
    """Whole numbers without `.0`: two bytes less each."""
    if value != value:
        return None
    return int(value) if value.is_integer() and abs(value) < _WHOLE else value


def _rejection(entry: Any) -> tuple[int, str]:
    if not isinstance(entry, dict) or not isinstance(entry.get("n"), int):
        raise ValueError("rejected: expected entries with their n")
    return entry["n"], str(entry.get("reason", ""))


def _list(table: dict[str, Any], key: str) -> Sequence[Any]:
    value = table.get(key) or []
    if not isinstance(value, list):
        raise ValueError(f"{key}: expected a list")
    return value


def _order(order: object) -> str:
    """An order is its kind, or a table with `kind`."""
    if isinstance(order, dict):
        return str(order.get("kind", ""))
    return str(order)
