"""The flat form: `key=value` lines from devices that can hold a script but no program."""

import math
import re
from dataclasses import dataclass, field

from agent.report import Verdict, parse_series, series
from agent.strict import Refused
from collector.intake.names import clean, is_fit, shorten
from collector.intake.validate import VERDICTS, is_check, is_id, is_interval
from collector.intake.vocabulary import LABELS
from collector.intake.wire import (
    LONGEST_EVERY_S,
    MAX_N,
    MAX_NAME_BYTES,
    MAX_REASON_CHARS,
    MAX_SERIES,
)

_MAX_LINES = 2 * MAX_SERIES
_MAX_CHECKS = 64
_MAX_PROBLEMS = 20
# the labels of a key may hold = signs, the reason of a check too
_LINE = re.compile(r'([^={]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?)=(.*)')
# the name of a check may hold any sign: it ends where a verdict begins
_CHECK = re.compile(r"(check\..+?)=(\s*(?:good|bad|unknown)(?::.*)?)")
_WORDS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(\d+):(\d\d):(\d\d(?:\.\d+)?)", re.ASCII)
# as the menus and the API of RouterOS print it
_UNITS = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
# not splitlines: it also breaks at signs that a reason or the name of a network may hold
_BREAK = re.compile(r"\r\n|\n|\r")
# the body's own mark that nothing of it broke off
_END = re.compile(r"(?:^|[\r\n])end=\d*\s*\Z", re.ASCII)
_TOKEN = re.compile(r"(?:^|[\r\n])token=([A-Za-z0-9_-]{1,200})[ \t]*(?:[\r\n]|\Z)", re.ASCII)
_DOTTED = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?:\..+)?")


@dataclass(frozen=True, slots=True)
class Check:
    """What a script says of one check."""

    name: str
    verdict: Verdict
    reason: str


@dataclass(slots=True)
class Lines:
    """A flat report as it was meant; `problems` (field, reason) are what could not be kept.

    `sent_s`: the uptime at which a report is sent that had to wait; None of one that had not.
    """

    seq: int
    uptime_s: float
    spool: str = ""
    boot: str = ""
    at: float | None = None
    checks: list[Check] = field(default_factory=list)
    values: dict[str, float | None] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    sent_s: float | None = None
    every_s: float | None = None


def read(text: str) -> Lines:
    """Understand the lines; Refused when `seq` or `uptime` is missing or wrong."""
    table, problems = _split(text)
    lines = _head(table, problems)
    for key, value in table.items():
        try:
            _take(lines, key, value)
        except Refused as refused:
            if len(problems) < _MAX_PROBLEMS:
                problems.append((refused.place, refused.problem))
    return lines


def token_in(text: str) -> str | None:
    """The token among the lines, of a script that cannot send a header."""
    found = _TOKEN.search(text)
    return found[1] if found else None


def is_whole(text: str) -> bool:
    """The last line says that it is the last."""
    return _END.search(text) is not None


def parse_duration(text: str) -> float:
    """Seconds, or RouterOS's `1w2d03:04:05` or `1w2d3h4m5s`; ValueError for anything else."""
    match = _WORDS.fullmatch(text) or (_UNITS.fullmatch(text) if text else None)
    if match is None:
        seconds = _figure(text)
        if not 0 <= seconds < math.inf:
            raise ValueError(text)
        return seconds
    weeks, days, hours, minutes, rest = (float(part or 0) for part in match.groups())
    return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + rest


def _figure(text: str) -> float:
    """A number as everybody writes it, NaN for anything else; float() would take 1_000 as well."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def _split(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    table: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    rows = [row.strip() for row in _BREAK.split(text.removeprefix("\ufeff")) if row.strip()]
    if len(rows) > _MAX_LINES:
        raise Refused("lines", f"{len(rows)}; {_MAX_LINES} are the most")
    for row in rows:
        match = _CHECK.fullmatch(row) or _LINE.fullmatch(row)
        key = match[1].strip() if match else row
        if match is None or not key:
            _note(problems, row, "expected key=value")
        elif key in table:
            _note(problems, key, "stands twice; the first is kept")
        else:
            table[key] = match[2].strip()
    return table, problems


def _head(table: dict[str, str], problems: list[tuple[str, str]]) -> Lines:
    for key in ("seq", "uptime"):
        if key not in table:
            raise Refused(key, "missing")
    uptime_s = _duration(table.pop("uptime"), "uptime")
    lines = Lines(_seq(table.pop("seq")), uptime_s, problems=problems)
    for key in ("token", "end"):
        table.pop(key, None)
    lines.spool, lines.boot = _id(table, "spool"), _id(table, "boot")
    if "at" in table:
        lines.at = _number(table.pop("at"), "at")
    if "sent" in table:
        lines.sent_s = _sent(table.pop("sent"), lines.uptime_s)
    if "every_s" in table:
        _every(lines, table.pop("every_s"))
    return lines


def _sent(text: str, measured_s: float) -> float:
    sent_s = _duration(text, "sent")
    if sent_s < measured_s:
        raise Refused("sent", "is before uptime, when it was measured")
    return sent_s


def _every(lines: Lines, text: str) -> None:
    """A wrong one costs no numbers."""
    every_s = _figure(text)
    if is_interval(every_s):
        lines.every_s = every_s
    else:
        problem = f"expected 1 to {LONGEST_EVERY_S:g} seconds, got {shorten(clean(text))!r}"
        _note(lines.problems, "every_s", problem)


def _id(table: dict[str, str], key: str) -> str:
    value = table.pop(key, "")
    if not is_id(value):
        raise Refused(key, "expected up to 64 printable characters")
    return value


def _note(problems: list[tuple[str, str]], key: str, reason: str) -> None:
    if len(problems) < _MAX_PROBLEMS:
        problems.append((shorten(clean(key)), reason))


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) < MAX_N):
        raise Refused("seq", f"expected a whole number, got {shorten(clean(text))!r}")
    return int(text)


def _duration(text: str, place: str) -> float:
    try:
        return parse_duration(text)
    except ValueError:
        problem = f"expected seconds or 1w2d03:04:05, got {shorten(clean(text))!r}"
        raise Refused(place, problem) from None


def _number(text: str, place: str) -> float:
    number = _figure(text)
    if not math.isfinite(number):
        raise Refused(place, f"expected a number, got {shorten(clean(text))!r}")
    return number


def _take(lines: Lines, key: str, value: str) -> None:
    place = shorten(clean(key))
    if key.startswith("check."):
        if len(lines.checks) >= _MAX_CHECKS:
            raise Refused(place, f"more than {_MAX_CHECKS} checks")
        lines.checks.append(_check(key.removeprefix("check."), value, place))
        return
    name = _series_of(key, place)
    if name in lines.values:
        raise Refused(place, "stands twice; the first is kept")
    if len(lines.values) >= MAX_SERIES - _MAX_CHECKS:
        raise Refused(place, "too many series")
    lines.values[name] = None if value in ("", "null") else _number(value, place)


def _check(name: str, value: str, place: str) -> Check:
    verdict, _, reason = value.partition(":")
    if not is_check(name):
        raise Refused(place, "expected 1 to 100 printable characters after check.")
    if verdict not in VERDICTS:
        raise Refused(place, f"{shorten(clean(verdict))!r} is not one of good, bad, unknown")
    return Check(name, Verdict(verdict), clean(reason.strip())[:MAX_REASON_CHARS])


def _series_of(key: str, place: str) -> str:
    if not is_fit(key):
        raise Refused(place, "control characters in a name")
    name, labels = _braces(key, place) if "{" in key else _dots(key, place)
    if name not in LABELS:
        raise Refused(place, "unknown key")
    for label in labels:
        if label not in LABELS[name]:
            known = ", ".join(LABELS[name]) or "none"
            raise Refused(place, f"unknown label {label}; known are {known}")
    spelled = series(name, labels)
    if len(spelled.encode()) > MAX_NAME_BYTES:
        raise Refused(place, f"more than {MAX_NAME_BYTES} bytes")
    return spelled


def _braces(key: str, place: str) -> tuple[str, dict[str, str]]:
    try:
        return parse_series(key)
    except ValueError as error:
        raise Refused(place, str(error)) from None


def _dots(key: str, place: str) -> tuple[str, dict[str, str]]:
    """`name.label.value.label.value`; a value goes on until the next label the name knows."""
    if _DOTTED.fullmatch(key) is None:
        raise Refused(place, "unknown key")
    name, *parts = key.split(".")
    known = LABELS.get(name, ())
    labels: dict[str, str] = {}
    current = ""
    for part in parts:
        if part in known and part not in labels and labels.get(current) != "":
            current = part
            labels[current] = ""
        elif not current:
            raise Refused(place, f"unknown label {part}; known are {', '.join(known) or 'none'}")
        else:
            labels[current] = f"{labels[current]}.{part}" if labels[current] else part
    if current and not labels[current]:
        raise Refused(place, f"label {current} has no value")
    return name, labels
