"""Paper: the type, tables and signature places of documents people sign. Text in, PDF out."""

import io
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CallerMacro,
    CondPageBreak,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

_FONTS = Path(reportlab.__file__).parent / "fonts"
PLAIN, BOLD = "Vera", "Vera-Bold"
_LINE = (0.75, 0.78, 0.82)
# as wide as text stands: a frame keeps 6 points at each side
WIDTH = A4[0] - 40 * mm - 12
# how many sheets there are
_TOTAL = "total"
# a cell keeps 2 points at its left and 6 at its right
_PADDED = 8.5
Cells = Sequence[Sequence[str]]


class Sheets:
    """A document that grows part by part."""

    def __init__(self, title: str, foot: str, stamp: str = "", top: str = "") -> None:
        """`stamp` is a word across each sheet: that it is no document; `top` stands above each
        sheet, and then its foot tells how many there are."""
        _faces()
        self._title, self._foot, self._stamp, self._top = title, foot, stamp, top
        self._parts: list[Any] = []

    def heading(self, text: str, room_mm: float = 0) -> None:
        """On the next sheet where there is no room for it and so much behind it."""
        self._parts += [CondPageBreak(room_mm * mm)] if room_mm else []
        self._parts += [Spacer(1, 4 * mm), Paragraph(_words(text, BOLD), _style(10.5, BOLD))]

    def drawing(self, made: Any) -> None:
        """A chart; it is never parted."""
        self._parts += [Spacer(1, 2 * mm), made]

    def head(self, title: str, below: str) -> None:
        """The title of the document, in the middle."""
        self._parts.append(Paragraph(_words(title, BOLD), _style(14, BOLD, alignment=1)))
        self._parts.append(Paragraph(_words(below), _style(9, alignment=1)))
        self._parts.append(Spacer(1, 3 * mm))

    def text(self, text: str) -> None:
        self._parts.append(Paragraph(_words(text), _style(9)))

    def items(self, texts: Sequence[str]) -> None:
        """A list with dashes."""
        self._parts += [Paragraph(_words(f"- {text}"), _style(9)) for text in texts]

    def facts(self, rows: Cells, wide_mm: float = 45) -> None:
        """Two columns: what, and how it is; the first is so wide."""
        made = [
            [Paragraph(_words(a), _style(9)), Paragraph(_words(b, BOLD), _style(9, BOLD))]
            for a, b in rows
        ]
        self._table(made, [wide_mm * mm, WIDTH - wide_mm * mm])

    def table(
        self,
        head: Sequence[str],
        rows: Cells,
        widths_mm: Sequence[float],
        numbers: Collection[int] = (),
        size: float = 8,
    ) -> None:
        """Rows under a head that stands on each sheet; the last column takes what is left, cells of
        the columns that are `numbers` stand at the right."""

        widths = [width * mm for width in widths_mm]
        widths = [*widths, WIDTH - sum(widths)]

        def cell(text: str, place: int, font: str) -> Any:
            said, wide = known(text, font), widths[place] - _PADDED
            # a paragraph takes ten times as long, and is for words that are wider than a line
            lines = simpleSplit(said, font, size, wide)
            if all(stringWidth(each, font, size) <= wide for each in lines):
                return "\n".join(lines)
            far = 2 if place in numbers else 0
            return Paragraph(escape(said), _style(size, font, alignment=far))

        def line(cells: Sequence[str], font: str) -> list[Any]:
            return [cell(text, place, font) for place, text in enumerate(cells)]

        made = [line(head, BOLD), *(line(row, PLAIN) for row in rows)]
        look: list[Any] = [("FONT", (0, 0), (-1, -1), PLAIN, size, size * 1.35)]
        look += [("FONT", (0, 0), (-1, 0), BOLD, size, size * 1.35)]
        look += [("ALIGN", (place, 0), (place, -1), "RIGHT") for place in numbers]
        self._table(made, widths, look, repeatRows=1)

    def signatures(self, place: str, left: Sequence[str], right: Sequence[str]) -> None:
        """Two places to sign: above the line what they are, below it a name and a number."""
        dots = "." * 44
        pairs = [*zip(left, right, strict=True)]
        rows = [["", _words(place)], *[[_words(a), _words(b)] for a, b in pairs[:1]]]
        rows += [["<br/><br/><br/><br/>", ""], [f"({dots})", f"({dots})"]]
        rows += [[_words(a), _words(b)] for a, b in pairs[1:]]
        middle = _style(9, alignment=1)
        made = [[Paragraph(cell, middle) for cell in row] for row in rows]
        signed = Table(made, [WIDTH / 2] * 2)
        self._parts.append(KeepTogether([Spacer(1, 10 * mm), signed]))

    def pdf(self) -> bytes:
        """The whole; the same parts give the same bytes."""
        out = io.BytesIO()
        margin = 20 * mm
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=margin,
            rightMargin=margin,
            topMargin=18 * mm,
            bottomMargin=20 * mm,
            title=self._title,
            author="Ronda",
            invariant=1,
        )
        end = [CallerMacro(drawCallable=_count)] if self._top else []
        document.build([*self._parts, *end], onFirstPage=self._finish, onLaterPages=self._finish)
        return out.getvalue()

    def _table(
        self,
        cells: Sequence[Sequence[Any]],
        widths: Sequence[float],
        look: Sequence[Any] = (),
        **more: Any,
    ) -> None:
        lines = [
            *look,
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        lines += [("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        lines += [("LEFTPADDING", (0, 0), (-1, -1), 2)]
        self._parts.append(Table(cells, widths, style=lines, **more))

    def _finish(self, canvas: Canvas, _document: Any) -> None:
        if self._stamp:
            canvas.saveState()
            canvas.setFont(BOLD, 84)
            canvas.setFillGray(0.55, 0.3)
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(52)
            canvas.drawCentredString(0, 0, known(self._stamp, BOLD))
            canvas.restoreState()
        canvas.setFont(PLAIN, 7.5)
        canvas.drawString(20 * mm, 12 * mm, known(self._foot))
        far = A4[0] - 20 * mm
        if self._top:
            canvas.drawString(20 * mm, A4[1] - 12 * mm, known(self._top))
            canvas.setLineWidth(0.4)
            canvas.line(20 * mm, A4[1] - 13.5 * mm, far, A4[1] - 13.5 * mm)
            # drawn when the last sheet is, and shown on every one of them
            canvas.drawRightString(far - 7 * mm, 12 * mm, str(canvas.getPageNumber()))
            canvas.saveState()
            canvas.translate(far - 7 * mm, 12 * mm)
            canvas.doForm(_TOTAL)
            canvas.restoreState()
        else:
            canvas.drawRightString(far, 12 * mm, str(canvas.getPageNumber()))


def _count(end: Any) -> None:
    canvas = end.canv
    count = canvas.getPageNumber()
    canvas.beginForm(_TOTAL)
    canvas.setFont(PLAIN, 7.5)
    canvas.drawString(0, 0, f" / {count}")
    canvas.endForm()


def known(text: str, font: str = PLAIN) -> str:
    """The text in letters that the type has; any other is a question mark that stands for it."""
    _faces()
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    has = pdfmetrics.getFont(font).face.charToGlyph
    return "".join(c if ord(c) in has else "?" for c in line)


def _words(text: str, font: str = PLAIN) -> str:
    # a paragraph reads marks as HTML does: what people wrote must be none
    return escape(known(text, font))


def _style(size: float, font: str = PLAIN, **more: Any) -> ParagraphStyle:
    return ParagraphStyle("", fontName=font, fontSize=size, leading=size * 1.35, **more)


@cache
def _faces() -> None:
    """The type comes with the library and is embedded: no printer needs to have it."""
    pdfmetrics.registerFont(TTFont(PLAIN, str(_FONTS / "Vera.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(_FONTS / "VeraBd.ttf")))
