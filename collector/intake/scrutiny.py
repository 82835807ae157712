"""The close look at a report that is not all right: each entry alone, its neighbours kept."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, TypeVar

import msgspec

from agent.strict import Refused
from collector.intake.names import Layout, clean, may_use, shorten
from collector.intake.validate import (
    VERDICTS,
    Judged,
    Sender,
    is_check,
    is_id,
    is_interval,
    is_used,
    judge_layout,
)
from collector.intake.wire import (
    LONGEST_EVERY_S,
    MAX_CHECK_CHARS,
    MAX_ENTRIES,
    MAX_LAYOUTS_A_REPORT,
    MAX_N,
    MAX_REASON_CHARS,
    PROTOCOL,
    Finding,
    Frame,
    Rejection,
    Report,
    Used,
)

Table = Mapping[str, Any]
Kept = TypeVar("Kept", Frame, Finding)


def parse(body: bytes) -> Table:
    """JSON, also such with NaN and Infinity in it; Refused when it is not an object."""
    try:
        found = json.loads(body.decode(), parse_int=_whole)
    except UnicodeDecodeError:
        raise Refused("", "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise Refused("", problem) from None
    except RecursionError:
        raise Refused("", "not JSON we read: nested too deeply") from None
    if not isinstance(found, dict):
        raise Refused("", f"expected an object, got {say(found)}")
    return found


def inspect(table: Table, sender: Sender) -> Judged:
    """Judge every entry; Refused only when the envelope is unusable."""
    look = _Look(table, sender)
    look.layouts()
    look.report.frames = look.entries("frames", look.frame)
    look.report.findings = look.entries("findings", look.finding)
    return Judged(look.report, look.fresh, look.rejected, list(look.need_layouts))


class _Look:
    def __init__(self, table: Table, sender: Sender) -> None:
        self.sender = sender
        self.rejected: list[Rejection] = []
        self.need_layouts: dict[str, None] = {}
        self.fresh: dict[str, Layout] = {}
        self._bad_layouts: dict[str, str] = {}
        self._numbers: set[int] = set()
        self._given: Table = _envelope_part(table, "layouts", dict) or {}
        self._entries = {k: _envelope_part(table, k, list) or [] for k in ("frames", "findings")}
        count = sum(map(len, self._entries.values()))
        if count > MAX_ENTRIES:
            raise Refused("frames", f"{count} entries; {MAX_ENTRIES} in a report are the most")
        self.report = self._envelope(table)

    def layouts(self) -> None:
        """Take the good layouts; why the others were not is said with their frames, too."""
        if len(self._given) > MAX_LAYOUTS_A_REPORT:
            self._note(
                f"layouts: {len(self._given)} in one report; the first "
                f"{MAX_LAYOUTS_A_REPORT} are taken"
            )
        for layout_id, names in list(self._given.items())[:MAX_LAYOUTS_A_REPORT]:
            try:
                layout = judge_layout(
                    layout_id, _texts(names, layout_id), self.sender, len(self.fresh)
                )
            except Refused as refused:
                self._bad_layouts[layout_id] = str(refused)
                self._note(str(refused))
                continue
            if layout_id not in self.sender.layouts:
                self.fresh[layout_id] = layout
            self.report.layouts[layout_id] = list(names)

    def entries(self, key: str, read: Callable[[Table, str], Kept | None]) -> list[Kept]:
        kept = []
        for place, table in enumerate(self._entries[key]):
            try:
                entry = self._entry(table, f"{key}[{place}]", read)
            except Refused as refused:
                n = table.get("n") if isinstance(table, Mapping) else 0
                self.rejected.append(Rejection(n if _is_number_of_entry(n) else 0, str(refused)))
            else:
                if entry is not None:
                    kept.append(entry)
        return kept

    def frame(self, table: Table, place: str) -> Frame | None:
        layout_id = _text(table, "layout", place)
        if layout_id in self._bad_layouts:
            raise Refused(f"{place}.layout", self._bad_layouts[layout_id])
        layout = self.fresh.get(layout_id) or self.sender.layouts.get(layout_id)
        values = table.get("values")
        if not isinstance(values, list):
            raise Refused(f"{place}.values", _expected("a list of numbers", table, "values"))
        if layout is None:
            self._need(layout_id, place)
            return None
        if len(values) != layout.count:
            problem = f"expected {layout.count} numbers, got {len(values)}"
            raise Refused(f"{place}.values", problem)
        if not may_use(layout, self.sender.sites):
            raise Refused(f"{place}.layout", "a site in it is not granted to this agent")
        numbers = [_value(v, f"{place}.values[{i}]") for i, v in enumerate(values)]
        at, up = _number(table, "at", place), _number_or_none(table, "up", place)
        return Frame(table["n"], at, layout_id, numbers, up)

    def finding(self, table: Table, place: str) -> Finding:
        check, verdict = _text(table, "check", place), _text(table, "verdict", place)
        if not is_check(check):
            problem = f"expected 1 to {MAX_CHECK_CHARS} printable characters"
            raise Refused(f"{place}.check", problem)
        if verdict not in VERDICTS:
            raise Refused(f"{place}.verdict", f"{say(verdict)} is not one of good, bad, unknown")
        site = _text(table, "site", place, "")
        if site and site not in self.sender.sites:
            raise Refused(f"{place}.site", f"{say(site)} is not granted to this agent")
        reason = clean(_text(table, "reason", place, "")[:MAX_REASON_CHARS])
        at, up = _number(table, "at", place), _number_or_none(table, "up", place)
        return Finding(table["n"], at, check, verdict, reason, up, site)

    def _entry(
        self, table: object, place: str, read: Callable[[Table, str], Kept | None]
    ) -> Kept | None:
        if not isinstance(table, Mapping):
            raise Refused(place, f"expected an object, got {say(table)}")
        n = table.get("n")
        if not _is_number_of_entry(n):
            raise Refused(f"{place}.n", _expected("a whole number from 1 to 2^53", table, "n"))
        if n in self._numbers:
            raise Refused(f"{place}.n", f"{n} stands twice in this report")
        self._numbers.add(n)
        return read(table, place)

    def _envelope(self, table: Table) -> Report:
        if table.get("v") != PROTOCOL or table["v"] is True:
            raise Refused("v", _expected(str(PROTOCOL), table, "v"))
        spool = _text(table, "spool", "")
        if not spool or not is_id(spool):
            raise Refused("spool", "expected 1 to 64 printable characters")
        report = Report(PROTOCOL, spool, _number(table, "sent_at", ""), layouts={})
        # what only helps to place the entries in time must not cost the entries
        boot, up, dropped = table.get("boot", ""), table.get("up"), table.get("dropped", 0)
        if isinstance(boot, str) and is_id(boot):
            report.boot = boot
        else:
            self._note(f"boot: expected up to 64 printable characters, got {say(boot)}")
        if up is None or _is_finite(up):
            report.up = None if up is None else float(up)
        else:
            self._note(f"up: expected a number, got {say(up)}")
        if dropped == 0 or _is_number_of_entry(dropped):
            report.dropped = int(dropped)
        else:
            self._note(f"dropped: expected a whole number, got {say(dropped)}")
        self._of_itself(table, report)
        return report

    def _of_itself(self, table: Table, report: Report) -> None:
        """How often it reports, and what it used: for people, so nothing is lost with it."""
        every_s, used = table.get("every_s"), table.get("used")
        if _is_finite(every_s) and is_interval(every_s):
            report.every_s = float(every_s)
        elif every_s is not None:
            problem = f"expected a number from 1 to {LONGEST_EVERY_S:g}, got {say(every_s)}"
            self._note(f"every_s: {problem}")
        if used is None:
            return
        try:
            count = msgspec.convert(used, Used)
        except msgspec.ValidationError as error:
            self._note(f"used: {clean(str(error))}")
        else:
            if is_used(count):
                report.used = count
            else:
                self._note("used: expected a day as 2026-11-29, and numbers from 0 to 2^53")

    def _need(self, layout_id: str, place: str) -> None:
        if not 1 <= len(layout_id) <= 32 or not layout_id.isascii():
            raise Refused(f"{place}.layout", "an id is 1 to 32 of A-Z a-z 0-9 _ -")
        self.need_layouts[layout_id] = None

    def _note(self, reason: str) -> None:
        self.rejected.append(Rejection(0, reason))


def say(value: object) -> str:
    """A value in a message: short, and never the whole of something big."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, str):
        return repr(shorten(clean(value)))
    return shorten(repr(value))


def _whole(digits: str) -> int | float:
    # Python refuses to read very long whole numbers; as a float they are merely out of range
    return int(digits) if len(digits) < 400 else math.inf


def _envelope_part(table: Table, key: str, kind: type) -> Any:
    value = table.get(key)
    if value is not None and not isinstance(value, kind):
        raise Refused(
            key, f"expected {'a list' if kind is list else 'an object'}, got {say(value)}"
        )
    return value


def _texts(names: object, layout_id: str) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused(f"layouts.{clean(layout_id)[:32]}", "expected a list of series names")
    return names


def _expected(what: str, table: Table, key: str) -> str:
    return f"expected {what}, got {say(table[key])}" if key in table else "missing"


def _text(table: Table, key: str, place: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise Refused(f"{place}.{key}" if place else key, _expected("text", table, key))
    return value


def _number(table: Table, key: str, place: str) -> float:
    value = table.get(key)
    if not _is_finite(value):
        raise Refused(f"{place}.{key}" if place else key, _expected("a number", table, key))
    return float(value)


def _number_or_none(table: Table, key: str, place: str) -> float | None:
    return None if table.get(key) is None else _number(table, key, place)


def _value(value: object, place: str) -> float | None:
    if value is None:
        return None
    if not _is_finite(value):
        raise Refused(place, f"expected a number or null, got {say(value)}")
    return float(value)


def _is_finite(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_number_of_entry(n: object) -> TypeGuard[int]:
    return isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= MAX_N
