"""A CSV file as people's spreadsheets write it: lines of named cells, or every problem found."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.strict import Refused

LARGEST_BYTES = 64 << 20
MOST_ROWS = 200_000
MOST_PROBLEMS = 20
# each row is as wide as the header
MOST_COLUMNS = 100

# a cell that a spreadsheet would take for a formula, perhaps escaped before
_FORMULA = re.compile(r"'*[=+\-@]")
_BREAKS = dict.fromkeys(map(ord, "\r\n\t\v\f\0"), " ")


class BadFile(Refused):
    """A file that cannot be taken; `problems` are the first of them, each with its place."""

    def __init__(self, file: str, problems: Sequence[str]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(file, f"{problems[0]}{more}")
        self.problems = [f"{file}: {problem}" for problem in problems]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: where it stands and its cells by column, cleaned."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of the header in their order, the rows below it, and rows that do not fit."""

    columns: tuple[str, ...]
    lines: list[Line]
    problems: list[str]


def read(data: bytes, file: str) -> Sheet:
    """Understand a CSV file: `,`, `;` or tabs, with or without BOM; BadFile if it is no table."""
    if len(data) > LARGEST_BYTES:
        raise BadFile(file, [f"larger than {LARGEST_BYTES >> 20} MiB"])
    try:
        rows = _rows(_decode(data))
        number, names = next(rows, (1, []))
        columns = _header(names, number)
        lines, problems = _lines(rows, columns)
    except (csv.Error, ValueError) as error:
        raise BadFile(file, [str(error)]) from error
    return Sheet(tuple(name for name in columns if name), lines, problems)


def columns_of(data: bytes) -> tuple[str, ...]:
    """The names in the header of a CSV file; BadFile where there is none."""
    try:
        number, names = next(_rows(_decode(data)), (1, []))
        return tuple(_header(names, number))
    except (csv.Error, ValueError) as error:
        raise BadFile("", [str(error)]) from error


def escape(text: str) -> str:
    """A cell as it is exported: no spreadsheet takes it for a formula, `clean` gives it back.

    It is on one line: a lone carriage return would end a row for some of them.
    """
    line = text.translate(_BREAKS)
    return f"'{line}" if _FORMULA.match(line.lstrip()) else line


def clean(text: str) -> str:
    """A cell as it is meant: on one line, without what cannot be seen, without the escape."""
    # contacts pasted from a phone bring invisible marks of writing direction
    plain = text.isascii() and text.isprintable()
    seen = text if plain else "".join(c for c in text if c.isspace() or not _is_unseen(c))
    bare = " ".join(seen.split())
    return bare[1:] if bare.startswith("'") and _FORMULA.match(bare) else bare


def _is_unseen(c: str) -> bool:
    return unicodedata.category(c) in ("Cf", "Cc")


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("saved as Unicode text; save it as CSV UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        # what Excel writes for plain CSV
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ValueError("neither UTF-8 nor Windows text; save it as CSV UTF-8") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with the line they begin at."""
    lines = list(io.StringIO(text, newline=""))
    first = 1
    if lines and re.fullmatch(r"(?i)sep=.", lines[0].strip()):
        first = 2
    head = next((line for line in lines[first - 1 :] if line.strip()), "")
    # cells copied out of a spreadsheet have tabs between
    mark = max(",;\t", key=head.count)
    reader = csv.reader(lines[first - 1 :], delimiter=mark, strict=True)
    begins = first
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise ValueError(f"line {begins}: {error}; is a quote left open?") from error
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = first + reader.line_num


def _header(names: Sequence[str], number: int) -> list[str]:
    if len(names) > MOST_COLUMNS and any(map(str.strip, names[MOST_COLUMNS:])):
        raise ValueError(f"line {number}: more than {MOST_COLUMNS} columns")
    columns = [clean(name).lower() for name in names[:MOST_COLUMNS]]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise ValueError(f"line {number}: no header; the first line names the columns")
    for index, name in enumerate(columns, 1):
        if not name:
            raise ValueError(f"line {number}: column {index} has no name")
        if columns.count(name) > 1:
            raise ValueError(f"line {number}: column {name} stands twice")
    return columns


def _lines(
    rows: Iterator[tuple[int, list[str]]], columns: Sequence[str]
) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    problems: list[str] = []
    for number, row in rows:
        if len(lines) >= MOST_ROWS:
            raise ValueError(f"line {number}: more than {MOST_ROWS} rows")
        cells = [clean(cell) for cell in row]
        if any(cells[len(columns) :]):
            problems.append(
                f"line {number}: {len(cells)} cells, but {len(columns)} columns;"
                " put quotes around a cell with a comma"
            )
            continue
        cells += [""] * (len(columns) - len(cells))
        lines.append(Line(number, dict(zip(columns, cells, strict=False))))
    return lines, problems
