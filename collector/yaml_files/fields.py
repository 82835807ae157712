"""Fields of a table in YAML as values, or a problem with its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.strict import Refused
from collector.yaml_files import durations
from collector.yaml_files.tree import Listing, Scalar, Table, Tree

Say = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one table; what is missing or wrong has its kind's empty value."""

    values: Mapping[str, Tree]
    line: int
    say: Say

    def line_of(self, name: str) -> int:
        return self.values[name].line if name in self.values else self.line

    def given(self, name: str) -> Tree | None:
        """The field where it has a value; null is the same as not being there."""
        tree = self.values.get(name)
        return None if isinstance(tree, Scalar) and tree.null else tree

    def text(self, name: str) -> str:
        tree = self.given(name)
        if tree is None:
            return ""
        if isinstance(tree, Scalar):
            return tree.text
        self.say(tree.line, f"{name}: expected text, got {kind_of(tree)}")
        return ""

    def span_ms(self, name: str) -> int | None:
        """A duration; None where there is none."""
        if self.given(name) is None:
            return None
        try:
            return durations.read(self.text(name))
        except Refused as refused:
            self.say(self.line_of(name), f"{name}: {refused.problem}")
            return None

    def whole(self, name: str) -> int:
        tree = self.given(name)
        if tree is None:
            return 0
        try:
            if not isinstance(tree, Scalar) or not tree.plain:
                raise ValueError
            return _whole(tree.text.replace("_", ""))
        except ValueError:
            told = repr(tree.text) if isinstance(tree, Scalar) else kind_of(tree)
            self.say(tree.line, f"{name}: expected a whole number, got {told}")
            return 0

    def yes(self, name: str) -> bool:
        text = self.text(name)
        if text not in ("", "true", "false"):
            self.say(self.line_of(name), f"{name}: expected true or false, got {text[:40]!r}")
        return text == "true"

    def items(self, name: str) -> Sequence[Tree]:
        tree = self.given(name)
        if tree is None:
            return ()
        if isinstance(tree, Listing):
            return [item for item in tree.items if not (isinstance(item, Scalar) and item.null)]
        self.say(tree.line, f"{name}: expected a list, got {kind_of(tree)}")
        return ()

    def texts(self, name: str) -> dict[str, tuple[str, int]]:
        """A table of texts, each with its line."""
        tree = self.given(name)
        if tree is None:
            return {}
        if not isinstance(tree, Table):
            self.say(tree.line, f"{name}: expected a table, got {kind_of(tree)}")
            return {}
        found = {}
        for key, value in tree.pairs:
            if isinstance(value, Scalar):
                found[key.text] = ("" if value.null else value.text, value.line)
            else:
                self.say(value.line, f"{name}.{key.text}: expected text, got {kind_of(value)}")
        return found


def fields(tree: Tree | None, known: Sequence[str], line: int, say: Say) -> Fields:
    """The fields of a table; unknown ones are told. What is no table has none."""
    if tree is None or (isinstance(tree, Scalar) and tree.null):
        return Fields({}, line if tree is None else tree.line, say)
    if not isinstance(tree, Table):
        say(tree.line, f"expected a table, got {kind_of(tree)}")
        return Fields({}, tree.line, say)
    for key, _ in tree.pairs:
        if key.text not in known:
            say(key.line, f"unknown field {key.text[:60]!r}; known are {', '.join(known)}")
    return Fields({key.text: value for key, value in tree.pairs}, tree.line, say)


def _whole(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        return int(float(text)) if abs(float(text)) < 2**53 else int("too large")


def kind_of(tree: Tree) -> str:
    if isinstance(tree, Scalar):
        return repr(tree.text[:40])
    return "a list" if isinstance(tree, Listing) else "a table"
