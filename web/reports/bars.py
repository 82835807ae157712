"""Charts of a report on paper: horizontal bars in greys, each with its number beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth

from web.paper import BOLD, PLAIN, WIDTH, known

_ROW, _BAR = 13.0, 8.0
_TEXT, _NAMES, _NUMBERS = 7.5, 150.0, 80.0
_INK, _RULE = Color(0.15, 0.15, 0.15), Color(0.7, 0.7, 0.7)
# dark enough that a copy of a copy shows them, apart enough that they are told from each other
_FILL, _WEAK = Color(0.35, 0.35, 0.35), Color(0.62, 0.62, 0.62)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: its name, how long, what is written behind it; `weak`: a paler one."""

    name: str
    value: float
    told: str
    weak: bool = False


def chart(
    title: str, bars: Sequence[Bar], low: float, high: float, ticks: Sequence[str]
) -> Drawing:
    """Bars from `low` to `high`; `ticks` are written evenly from one to the other beneath them."""
    top = 20.0
    tall = top + _ROW * len(bars) + 16
    made = Drawing(WIDTH, tall)
    made.add(String(0, tall - 10, known(title, BOLD), fontName=BOLD, fontSize=8.5, fillColor=_INK))
    begin, wide = _NAMES, WIDTH - _NAMES - _NUMBERS
    foot = tall - top - _ROW * len(bars)
    for place, text in enumerate(ticks):
        x = begin + wide * place / max(1, len(ticks) - 1)
        made.add(Line(x, foot, x, tall - top + 2, strokeColor=_RULE, strokeWidth=0.4))
        label = String(x, foot - 9, known(text), fontName=PLAIN, fontSize=6.5, fillColor=_INK)
        label.textAnchor = "middle"
        made.add(label)
    for place, bar in enumerate(bars):
        y = tall - top - _ROW * (place + 1) + (_ROW - _BAR) / 2
        part = 0.0 if high <= low else (bar.value - low) / (high - low)
        length = wide * min(1.0, max(0.0, part))
        fill = _WEAK if bar.weak else _FILL
        if length > 0:
            made.add(
                Rect(begin, y, length, _BAR, fillColor=fill, strokeColor=_INK, strokeWidth=0.3)
            )
        made.add(_text(0, y + 1.5, fitted(bar.name, _NAMES - 6)))
        made.add(_text(begin + wide + 6, y + 1.5, bar.told))
    return made


def floor_of(values: Sequence[float]) -> float:
    """Where an axis of percent begins, so that differences are seen: a multiple of five below all,
    never more than 95."""
    least = min(values, default=95.0)
    return float(max(0, min(95, 5 * math.floor(least / 5))))


def ceiling_of(most: float) -> float:
    """Where an axis ends: four even steps that people count in."""
    if most <= 0:
        return 4.0
    size = 10.0 ** math.floor(math.log10(most / 4))
    step = next(each for each in (1, 2, 2.5, 5, 10) if each * size * 4 >= most * (1 - 1e-9))
    return 4 * step * size


def fitted(text: str, points: float) -> str:
    """As much of a name as there is room for."""
    said = known(text)
    if stringWidth(said, PLAIN, _TEXT) <= points:
        return said
    while said and stringWidth(said + "...", PLAIN, _TEXT) > points:
        said = said[:-1]
    return said.rstrip() + "..."


def _text(x: float, y: float, text: str) -> String:
    return String(x, y, known(text), fontName=PLAIN, fontSize=_TEXT, fillColor=_INK)
