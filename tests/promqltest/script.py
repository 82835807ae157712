"""A script as a list of commands: load, clear, eval."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from collector.promql.notation import Written, read_number, read_series, read_span

_LOAD = re.compile(r"load(?:_(with_nhcb))?\s+(\S+)$")
_INSTANT = re.compile(r"eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+))?\s*(.+)$")
_RANGE = re.compile(
    r"eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?)\s+(.+)$"
)
_EXPECT = re.compile(r"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$")
_RANGE_VECTOR = re.compile(r"expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$")
_STRING = re.compile(r"expect\s+string\s+(.+)$")
_OLD_FAIL = re.compile(r"expected_fail_(message|regexp)\s+(.+)$")


@dataclass(slots=True)
class Load:
    step_ms: int
    series: list[Written] = field(default_factory=list)
    with_nhcb: bool = False


@dataclass(slots=True)
class Clear:
    pass


@dataclass(slots=True)
class Eval:
    """One case; `expect` holds (kind, how, text), `series` what should come out."""

    line: int
    query: str
    start_ms: int
    end_ms: int
    step_ms: int
    expect: list[tuple[str, str, str]] = field(default_factory=list)
    series: list[Written] = field(default_factory=list)
    scalar: float | None = None
    string: str | None = None
    # the times of the points of a range vector: first and step
    points_ms: tuple[int, int] | None = None

    def wants(self, kind: str) -> bool:
        return any(found == kind for found, _, _ in self.expect)


Command = Load | Clear | Eval


def read(path: Path) -> list[Command]:
    """The commands of a script; ValueError names the line that cannot be read."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = ["" if line.startswith("#") else line for line in lines]
    commands: list[Command] = []
    at = 0
    while at < len(lines):
        line, block = lines[at], at + 1
        if line:
            while block < len(lines) and lines[block]:
                block += 1
            try:
                commands += _block(lines[at:block], at + 1)
            except ValueError as error:
                raise ValueError(f"{path.name}:{at + 1}: {error}") from error
        at = max(block, at + 1) if line else at + 1
    return commands


def _block(lines: list[str], number: int) -> list[Command]:
    """Lines without a blank one between may hold several commands."""
    made: list[Command] = []
    for place, line in enumerate(lines):
        if line == "clear":
            made.append(Clear())
        elif found := _LOAD.match(line):
            made.append(Load(read_span(found[2]), with_nhcb=bool(found[1])))
        elif line.startswith("eval"):
            made.append(_eval(line, number + place))
        elif not made or isinstance(made[-1], Clear):
            raise ValueError(f"expected load, clear or eval, got {line!r}")
        elif isinstance(made[-1], Load):
            if "@st" not in line.split()[0]:
                made[-1].series.append(read_series(line))
        else:
            _answer(made[-1], line)
    return made


def _eval(line: str, number: int) -> Eval:
    if found := _RANGE.match(line):
        mode, start, end, step, query = found.groups()
        case = Eval(number, query, read_span(start), read_span(end), read_span(step))
    elif found := _INSTANT.match(line):
        mode, at, query = found.groups()
        when = read_span(at or "0")
        case = Eval(number, query, when, when, 0)
    else:
        raise ValueError(f"not an eval: {line!r}")
    if mode:
        case.expect.append((mode, "", ""))
    return case


def _answer(case: Eval, line: str) -> None:
    if found := _EXPECT.match(line):
        case.expect.append((found[1], found[2] or "", (found[3] or "").strip()))
    elif found := _RANGE_VECTOR.match(line):
        case.points_ms = (read_span(found[1]), read_span(found[3]))
    elif found := _STRING.match(line):
        case.string = _unquoted(found[1])
    elif found := _OLD_FAIL.match(line):
        case.expect.append(("fail", "msg" if found[1] == "message" else "regex", found[2].strip()))
    elif (number := read_number(line)) is not None:
        case.scalar = number
    else:
        case.series.append(read_series(line))


def _unquoted(text: str) -> str:
    text = text.strip()
    if text[0] == "`":
        return text[1:-1]
    return text[1:-1].encode().decode("unicode_escape")
