"""Lines over sites as a small SVG, both axes by powers of ten; it follows a reader's dark mode."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

_WIDTH, _HEIGHT = 380, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 74, 34, 40
_COLOURS = ("#0b6b74", "#b4541a", "#5b4bb5", "#5b6b73", "#2f7d32")
_LIGHTER = ("#5cc1cb", "#f0a36b", "#b3a8f5", "#8fa0a8", "#8fd694")
_STYLE = (
    ".m{fill:#4d5c64}.t{font-weight:600;fill:#16242b}.g{stroke:#c9d2d6;stroke-width:.6}"
    ".l{fill:none;stroke-width:1.6}"
)
_DARK = ".m{fill:#b9c6cc}.t{fill:#eef3f5}.g{stroke:#3a4a52}"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: y by x of each line; what is 0 or less is not drawn."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


class _Axis:
    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self._begin + share * (self._end - self._begin)

    def decades(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def write(path: Path, what: str, panels: Sequence[Panel]) -> None:
    """Side by side; `what` is for who cannot see it."""
    path.write_text(drawn(what, panels))


def drawn(what: str, panels: Sequence[Panel]) -> str:
    width = _WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="12"><title>{escape(what)}</title>',
        f"<style>{_STYLE}{colours(_COLOURS)}"
        f"@media (prefers-color-scheme:dark){{{_DARK}{colours(_LIGHTER)}}}</style>",
        *(panel_of(panel, place * _WIDTH) for place, panel in enumerate(panels)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def colours(some: Sequence[str]) -> str:
    return "".join(f".l{i}{{stroke:{c}}}.f{i}{{fill:{c}}}" for i, c in enumerate(some))


def panel_of(panel: Panel, left: float) -> str:
    lines = {name: [(x, y) for x, y in line if y > 0] for name, line in panel.lines.items()}
    points = [point for line in lines.values() for point in line]
    across = _Axis([x for x, _ in points], left + _LEFT, left + _WIDTH - _RIGHT)
    up = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    parts = [words("t", "start", left + 8, 18, panel.title)]
    parts += [grid(across, up)]
    parts += [line_of(n, name, line, across, up) for n, (name, line) in enumerate(lines.items())]
    return "\n".join(parts)


def grid(across: _Axis, up: _Axis) -> str:
    left, right = across.at(10.0**across.low), across.at(10.0**across.high)
    low, high = up.at(10.0**up.low), up.at(10.0**up.high)
    parts = [words("m", "middle", (left + right) / 2, low + 32, "sites")]
    for value in up.decades():
        parts.append(f'<path class="g" d="M{left:.1f} {up.at(value):.1f}H{right:.1f}"/>')
        parts.append(words("m", "end", left - 5, up.at(value) + 4, f"{value:,g}"))
    for value in across.decades():
        parts.append(f'<path class="g" d="M{across.at(value):.1f} {low:.1f}V{high:.1f}"/>')
        parts.append(words("m", "middle", across.at(value), low + 16, f"{value:,.0f}"))
    return "".join(parts)


def words(kind: str, anchor: str, x: float, y: float, text: str) -> str:
    place = f'text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def line_of(
    number: int, name: str, line: Sequence[tuple[float, float]], across: _Axis, up: _Axis
) -> str:
    if not line:
        return ""
    places = [(across.at(x), up.at(y)) for x, y in line]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle class="f{number}" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>' for x, y in places
    )
    x, y = places[-1]
    label = words(f"f{number}", "start", x + 7, y + 4, name)
    return f'<path class="l l{number}" d="{path}"/>{dots}{label}'
