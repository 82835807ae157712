"""A script against the evaluator: what passes, what fails, what is left out."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.strict import Refused
from collector.promql.labels import NAME, Words, say
from collector.promql.limits import Limits
from collector.promql.matchers import holds_for
from collector.promql.memory import Memory
from collector.promql.plan import plan, selectors
from collector.promql.query import Answer, Ask, ask
from collector.promql.vectors import Scalar, Vector
from tests.promqltest.judge import complaint, failure
from tests.promqltest.script import Clear, Eval, Load, read

NATIVE = "native histograms"


@dataclass(slots=True)
class Outcome:
    """Cases of one script; failures and cases left out as (line, query, why)."""

    name: str
    passed: int = 0
    failed: list[tuple[int, str, str]] = field(default_factory=list)
    left_out: list[tuple[int, str, str]] = field(default_factory=list)


def run(path: Path) -> Outcome:
    """Every case of a script, in its order."""
    outcome = Outcome(path.name)
    memory = Memory(Words())
    native: dict[str, dict[str, str]] = {}
    for command in read(path):
        match command:
            case Clear():
                memory.clear()
                native = {}
            case Load():
                _load(command, memory, native)
            case Eval():
                _judge(command, memory, native, outcome)
    return outcome


def _load(load: Load, memory: Memory, native: dict[str, dict[str, str]]) -> None:
    for written in load.series:
        if written.native:
            native[say(written.labels)] = written.labels
            continue
        memory.add(written.labels, written.points, 0, load.step_ms)
        name = written.labels.get(NAME, "")
        if load.with_nhcb and name.endswith("_bucket"):
            made = {k: v for k, v in written.labels.items() if k != "le"}
            made[NAME] = name.removesuffix("_bucket")
            native[say(made)] = made


def _judge(case: Eval, memory: Memory, native: dict[str, dict[str, str]], outcome: Outcome) -> None:
    if _is_native(case, native):
        outcome.left_out.append((case.line, case.query, NATIVE))
        return
    wrong = _wrong(case, memory)
    if wrong:
        outcome.failed.append((case.line, case.query, wrong))
    else:
        outcome.passed += 1


def _is_native(case: Eval, native: dict[str, dict[str, str]]) -> bool:
    """Does the case touch a native histogram, in its data or in its answer?"""
    if any(written.native for written in case.series):
        return True
    try:
        found = selectors(plan(case.query))
        return any(holds_for(one.matchers, row) for one in found for row in native.values())
    except Refused:
        return False


def _wrong(case: Eval, memory: Memory) -> str:
    question = Ask(case.query, case.start_ms, case.end_ms, case.step_ms)
    try:
        answer = ask(question, memory, Limits(), memory.words)
    except Refused as refused:
        return failure(case, refused.problem)
    wrong = complaint(case, answer)
    if wrong or case.step_ms or not isinstance(answer.value, Vector | Scalar):
        return wrong
    return _as_range(case, question, memory)


def _as_range(case: Eval, question: Ask, memory: Memory) -> str:
    """An instant question has the same answer in the middle of a range."""
    if case.wants("ordered"):
        return ""
    around = replace(
        question,
        start_ms=case.start_ms - 60_000,
        end_ms=case.end_ms + 60_000,
        step_ms=60_000,
    )
    try:
        answer = ask(around, memory, Limits(), memory.words)
    except Refused as refused:
        return "" if "same labelset" in refused.problem else f"as a range: {refused.problem}"
    middle = Answer(_middle(answer), answer.times[1:2], True, (), ())
    plain = replace(case, expect=[e for e in case.expect if e[0] == "ordered"])
    wrong = complaint(plain, middle)
    return f"as a range: {wrong}" if wrong else ""


def _middle(answer: Answer) -> Vector | Scalar:
    value = answer.value
    if isinstance(value, Scalar):
        return Scalar(value.values[1:2])
    assert isinstance(value, Vector)
    there = value.present[:, 1]
    rows = value.take(there)
    return Vector(rows.labels, rows.values[:, 1:2], rows.present[:, 1:2], rows.dropped)
