"""The steps of a recipe, read from its table."""

from collections.abc import Callable

from agent.strict import Refused
from collector.yaml_files import durations
from collector.yaml_files.fields import Fields, fields, kind_of
from collector.yaml_files.tree import Scalar, Table, Tree
from playbooks.model import Command, Keep, Kind, Look, Phase, Proof, Put, Recipe

COMMAND = ("run", "expect", "refuse", "exits", "limit", "keep", "archive")
KEEP = ("name", "type", "match")
PUT = ("put", "to", "limit")
WITHIN = "within"
LIMIT_S, PUT_LIMIT_S = 30.0, 300.0

Say = Callable[[int, str], None]


def read_recipe(table: Table, place: str, say: Say) -> Recipe:
    """A platform's table as its recipe; what is wrong is said with its place."""
    found = fields(table, tuple(Phase), table.line, _placed(place, say))
    return Recipe(
        precheck=_commands(found, Phase.PRECHECK, place),
        snapshot=tuple(
            step for item in found.items(Phase.SNAPSHOT) if (step := _laid(item, found.say))
        ),
        do=_commands(found, Phase.DO, place),
        verify=tuple(
            proof for item in found.items(Phase.VERIFY) if (proof := _proof(item, place, found.say))
        ),
        persist=_commands(found, Phase.PERSIST, place),
        undo=_commands(found, Phase.UNDO, place),
        line=table.line,
    )


def _placed(place: str, say: Say) -> Say:
    return lambda line, reason: say(line, f"{place}: {reason}")


def _commands(found: Fields, phase: Phase, place: str) -> tuple[Command, ...]:
    steps = (_command(item, found.say) for item in found.items(phase))
    return tuple(step for step in steps if step is not None)


def _proof(item: Tree, place: str, say: Say) -> Command | Look | None:
    """A step of `verify`: a command, or a look from the collector's side."""
    kinds = [proof for proof in Proof if isinstance(item, Table) and _has(item, proof)]
    if not kinds:
        return _command(item, say)
    proof = kinds[0]
    alone = proof is Proof.HEARTBEAT
    known = (proof,) if alone else (proof, WITHIN)
    found = fields(item, known, item.line, say)
    within_s = _span_s(found, proof if alone else WITHIN, None)
    return Look(proof, item.line, within_s, "" if alone else found.text(proof))


def _laid(item: Tree, say: Say) -> Command | Put | None:
    """A step of `snapshot`: a command, or a file for the device."""
    if not isinstance(item, Table) or not _has(item, "put"):
        return _command(item, say)
    found = fields(item, PUT, item.line, say)
    limit_s = _span_s(found, "limit", PUT_LIMIT_S)
    return Put(found.text("put"), found.text("to"), item.line, limit_s)


def _has(table: Table, name: str) -> bool:
    return any(key.text == name for key, _ in table.pairs)


def _command(item: Tree, say: Say) -> Command | None:
    if isinstance(item, Scalar):
        return Command(item.text.strip(), item.line)
    if not isinstance(item, Table):
        say(item.line, f"expected a command, got {kind_of(item)}")
        return None
    found = fields(item, COMMAND, item.line, say)
    return Command(
        text=found.text("run").strip(),
        line=item.line,
        expect=found.text("expect"),
        refuse=found.text("refuse"),
        exits=_exits(found),
        limit_s=_span_s(found, "limit", LIMIT_S),
        keep=_keep(found),
        archive=found.yes("archive"),
    )


def _exits(found: Fields) -> tuple[int, ...]:
    if found.given("exits") is None:
        return (0,)
    exits = []
    for item in found.items("exits"):
        if isinstance(item, Scalar) and item.text.isascii() and item.text.isdecimal():
            exits.append(int(item.text))
        else:
            found.say(item.line, f"exits: expected numbers, got {kind_of(item)}")
    return tuple(exits)


def _span_s(found: Fields, name: str, default: float | None) -> float:
    """A duration in seconds; where it is wrong or missing it is told, and 0 comes back."""
    if found.given(name) is None:
        if default is None:
            found.say(found.line, f"{name}: missing")
        return default or 0.0
    try:
        return durations.read(found.text(name)) / 1000
    except Refused as refused:
        found.say(found.line_of(name), f"{name}: {refused.problem}")
        return 0.0


def _keep(found: Fields) -> Keep | None:
    tree = found.given("keep")
    if tree is None:
        return None
    inner = fields(tree, KEEP, tree.line, _placed("keep", found.say))
    text = inner.text("type")
    if text not in set(Kind):
        told = f"type: {text[:60]!r} is none of {', '.join(Kind)}"
        inner.say(inner.line_of("type"), told)
        text = Kind.IDENTIFIER
    return Keep(inner.text("name"), Kind(text), inner.text("match"))
