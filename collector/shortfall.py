"""Does a line carry less than is paid for? By what was measured of it, beside its contract.

A measurement stands in every frame until the next one, so that what it says has lasted can be
told from the frames alone.
"""

from collections.abc import Sequence

from agent.report import parse_series

MEASURED = "ronda_uplink_measured_bits_per_second"
# what agents and scripts call the way down
_DOWN = ("receive", "down", "download")
# a line is slow when it has carried too little for so long
LASTS_S = 300.0

Row = Sequence[float | None]


def places(names: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where the measured speeds of a site's own lines stand in a layout, and of which lines."""
    found: list[tuple[int, str]] = []
    for index, text in enumerate(names):
        if not text.startswith(MEASURED):
            continue
        _, labels = parse_series(text)
        if "site" not in labels and labels.get("direction") in _DOWN:
            found.append((index, labels.get("uplink", "main")))
    return tuple(i for i, _ in found), tuple(name for _, name in found)


def short(row: Row, at: Sequence[int], contracts: Sequence[float], part: float) -> int:
    """Which of the measured lines carries less than `part` of its contract, counted from 0;
    -1 when none is known to."""
    for which, (index, contract) in enumerate(zip(at, contracts, strict=False)):
        value = row[index]
        # no contract is NaN, and less than NaN is nothing
        if value is not None and value < contract * part:
            return which
    return -1


def since(is_short: bool, time: float, began: float, before: float, near_s: float) -> float:
    """When the shortfall that a frame of `time` tells of began; -inf when it tells of none.

    `began` is the answer for the frame before it, of time `before`.
    """
    if not is_short:
        return float("-inf")
    return time if began == float("-inf") or time - before > near_s else began


def lasting(
    rows: Sequence[Row],
    times: Sequence[float],
    at: Sequence[int],
    contracts: Sequence[float],
    part: float,
    near_s: float,
) -> list[bool]:
    """Of frames in their order: has it carried too little for long enough by then?"""
    found: list[bool] = []
    began = before = float("-inf")
    for row, time in zip(rows, times, strict=True):
        began = since(short(row, at, contracts, part) >= 0, time, began, before, near_s)
        before = time
        found.append(time - began >= LASTS_S if began > float("-inf") else False)
    return found


def explain(row: Row, at: Sequence[int], contracts: Sequence[float], part: float) -> str:
    """`10 of 150 Mbit/s are measured`, or nothing."""
    which = short(row, at, contracts, part)
    if which < 0:
        return ""
    value = row[at[which]] or 0.0
    return f"{_mbps(value)} of {_mbps(contracts[which])} Mbit/s are measured"


def _mbps(bits_per_s: float) -> str:
    mbps = bits_per_s / 1e6
    return f"{mbps:.0f}" if mbps >= 10 else f"{mbps:.1f}".removesuffix(".0")
