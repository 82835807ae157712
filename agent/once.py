"""Every probe once, now: for a person at the keyboard."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_type_hints

from agent.around import Around
from agent.board import number
from agent.config import Check, read
from agent.report import Reading
from agent.runner import Runner, measure
from agent.strict import Refused

_STEP = {1.0: "ok", 0.0: "BROKEN", None: "-"}
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def look(checks: Sequence[Check], here: Around | None = None) -> list[tuple[Check, Reading]]:
    """All checks at the same time; as long as the slowest takes, or its limit."""
    answered = threading.Semaphore(0)
    runner = Runner(time.monotonic, answered.release)
    for check in checks:
        # what measures a line is not begun by a look at everything
        runner.start(check, here or Around(now=time.time()))
    found: dict[str, Reading] = {}
    while len(found) < len(checks):
        answered.acquire(timeout=max(0.0, runner.next_limit() - time.monotonic()))
        for answer in runner.answers(time.monotonic()):
            found[answer.check] = answer.reading
    return [(check, found[check.key]) for check in checks]


def single(
    kind: str,
    given: Mapping[str, str],
    centre: Mapping[str, str],
    line: Mapping[str, Any] | None = None,
) -> Check:
    """One check made of words from the command line; `line`: settings of the line it goes over."""
    entry: dict[str, Any] = {"name": kind, "kind": kind}
    if kind in ("snmp", "routeros") and "host" in given:
        # nobody gave the device a name
        entry["device"] = given["host"]
    hints = _hints(kind)
    for key, text in given.items():
        entry[key] = _value(hints.get(key, str), text, key)
    try:
        return read({**(line or {}), "checks": [entry]}, centre=centre).checks[0]
    except Refused as refused:
        raise Refused(refused.place.replace("checks[0].", "--"), refused.problem) from None


def as_table(found: Iterable[tuple[Check, Reading]]) -> str:
    """Readings as lines for a terminal."""
    lines = []
    for check, reading in found:
        verdict = reading.verdict.value if reading.verdict else "-"
        lines.append(f"{check.name:<16} {check.kind:<8} {verdict:<8} {reading.reason}".rstrip())
        for name, value in reading.values.items():
            shown = number(value)
            lines.append(f"    {name:<64} {'-' if shown != shown else f'{shown:.12g}'}")
    return "\n".join(lines)


def as_json(found: Iterable[tuple[Check, Reading]]) -> list[dict[str, Any]]:
    """Readings for a program."""
    return [
        {
            "name": check.name,
            "kind": check.kind,
            "verdict": reading.verdict.value if reading.verdict else None,
            "reason": reading.reason,
            "values": dict(reading.values),
        }
        for check, reading in found
    ]


def device(check: Check) -> tuple[Reading, str | None]:
    """One look at a device over SNMP, and the profile that it was read with."""
    memory: dict[str, Any] = {}
    reading = measure(check, memory)
    seen = memory.get("device")
    return reading, (seen.profile or None) if seen else None


def walk(check: Check) -> tuple[Reading, list[tuple[str, float | None, str]]]:
    """One journey of a guest, and what each of its steps met."""
    memory: dict[str, Any] = {}
    reading = measure(check, memory)
    return reading, memory.get("told", [])


def as_way(reading: Reading, told: Iterable[tuple[str, float | None, str]]) -> str:
    """A journey for somebody who stands in the village hall: a line a step, then what is wrong."""
    lines = [f"{step:<9} {_STEP[up]:<8} {words}".rstrip() for step, up, words in told]
    lines.append(f"{reading.verdict}: {reading.reason}" if reading.reason else f"{reading.verdict}")
    return "\n".join(lines)


def as_device(reading: Reading, profile: str | None) -> dict[str, Any]:
    """What a device said, for a program: numbers by series, and series without one."""
    return {
        "profile": profile,
        "readings": {name: value for name, value in reading.values.items() if value is not None},
        "unknown": [name for name, value in reading.values.items() if value is None],
        "verdict": reading.verdict.value if reading.verdict else None,
        "reason": reading.reason,
    }


def _hints(kind: str) -> dict[str, Any]:
    from agent.probes import load

    return get_type_hints(load(kind))


def _value(hint: Any, text: str, key: str) -> Any:
    """The text as what the probe wants there; a list is given with commas."""
    wanted = str(hint)
    if hint is bool:
        if text.lower() not in _WORDS:
            raise Refused(f"--{key}", f"expected true or false, got {text!r}")
        return _WORDS[text.lower()]
    if hint in (int, float) or wanted.startswith(("int |", "float |")):
        return _number(hint, text, key)
    return text.split(",") if wanted.startswith(("tuple", "list")) else text


def _number(hint: Any, text: str, key: str) -> float | int:
    try:
        return float(text) if "float" in str(hint) else int(text)
    except ValueError:
        raise Refused(f"--{key}", f"expected a number, got {text!r}") from None
