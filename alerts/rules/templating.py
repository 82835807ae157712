"""Texts of rules with {{ }} in them: checked when they are read, filled when an alarm is told.

Go's templates as Prometheus uses them. A text never fails to be told: what goes wrong while it is
filled stands in it, as with Prometheus.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agent.strict import Refused
from alerts.rules.go_format import kind_of, show
from alerts.rules.template_parsing import parse
from alerts.rules.template_tree import (
    Branch,
    Include,
    Leave,
    Literal,
    Node,
    Nodes,
    Operand,
    Path,
    Pipe,
    Text,
    Tree,
    Word,
)
from alerts.rules.template_words import (
    NAMES,
    UNSUPPORTED,
    Context,
    Function,
    Sample,
    functions,
    truth,
)

__all__ = ["Context", "Sample", "check", "doubts", "expand", "render"]

LONGEST = 65_536
_MOST_STEPS = 20_000
_DEEPEST = 20
_VARIABLES = ("$labels", "$externalLabels", "$externalURL", "$value")


def check(text: str) -> None:
    """Refused says what no template may hold, and what ours may not."""
    _tree(text)


def doubts(text: str) -> str:
    """Why the text cannot be filled for a series without labels; empty when it can."""
    try:
        render(text, Context())
    except Refused as refused:
        return refused.problem
    return ""


def expand(text: str, context: Context) -> str:
    """The text for an alarm; a failure stands in its place."""
    try:
        return render(text, context)
    except Refused as refused:
        return f"<error expanding template: {refused.problem}>"


def render(text: str, context: Context) -> str:
    """The text filled; Refused says why it cannot be."""
    if "{{" not in text:
        return text
    tree = _tree(text)
    data = {
        "Labels": context.labels,
        "ExternalLabels": context.external_labels,
        "ExternalURL": context.external_url,
        "Value": context.value,
    }
    rendering = _Rendering(tree, functions(context))
    values = (context.labels, context.external_labels, context.external_url, context.value)
    names = [("$", data), *zip(_VARIABLES, values, strict=True)]
    rendering.write(tree.body, _Scope(_Data(data), [(n, _of(v)) for n, v in names]))
    return "".join(rendering.written)


@lru_cache(maxsize=4096)
def _tree(text: str) -> Tree:
    try:
        return parse(text, NAMES, _VARIABLES)
    except Refused as refused:
        word = refused.problem.partition("function '")[2].partition("'")[0]
        if word in UNSUPPORTED:
            raise Refused("", f"the function {word!r} is not supported") from None
        raise


class _Data(dict[str, Any]):
    """A thing with fields: another field is a mistake, not an empty text."""


def _of(value: Any) -> Any:
    return _Data(value) if isinstance(value, dict) and "Labels" in value else value


class _Left(Exception):
    """A break or a continue."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class _Scope:
    dot: Any
    names: list[tuple[str, Any]] = field(default_factory=list)
    depth: int = 0

    def find(self, name: str) -> Any:
        return next(value for known, value in reversed(self.names) if known == name)

    def put(self, name: str, value: Any, declares: bool) -> None:
        places = [i for i, (known, _) in enumerate(self.names) if known == name]
        if declares or not places:
            self.names.append((name, value))
        else:
            self.names[places[-1]] = (name, value)


class _Rendering:
    """One filling of one text; what it may cost is bounded."""

    def __init__(self, tree: Tree, known: Mapping[str, Function]) -> None:
        self._tree = tree
        self._functions = known
        self._steps = 0
        self._chars = 0
        self.written: list[str] = []

    def write(self, nodes: Nodes, scope: _Scope) -> None:
        for node in nodes:
            self._step()
            self._node(node, scope)

    def _node(self, node: Node, scope: _Scope) -> None:
        match node:
            case Text():
                self._say(node.text)
            case Pipe():
                value = self._piped(node, scope)
                if not node.names:
                    self._say(show(_plain(value)))
            case Branch(kind="range"):
                self._ranged(node, scope)
            case Branch():
                self._chosen(node, scope)
            case Leave():
                raise _Left(node.kind)
            case Include():
                self._included(node, scope)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Refused("", "the template takes too long")

    def _say(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > LONGEST:
            raise Refused("", f"the text becomes longer than {LONGEST:,} characters")
        self.written.append(text)

    def _chosen(self, node: Branch, scope: _Scope) -> None:
        known = len(scope.names)
        value = self._piped(node.pipe, scope)
        body = node.body if truth(value) else node.otherwise
        if node.kind == "with" and truth(value):
            inner = _Scope(value, scope.names, scope.depth)
            self.write(body, inner)
        else:
            self.write(body, scope)
        del scope.names[known:]

    def _ranged(self, node: Branch, scope: _Scope) -> None:
        known = len(scope.names)
        plain = Pipe(node.pipe.commands)
        found = _pairs(self._piped(plain, scope))
        for key, value in found:
            inner = _Scope(value, scope.names, scope.depth)
            told = (value,) if len(node.pipe.names) == 1 else (key, value)
            for name, part in zip(node.pipe.names, told, strict=False):
                inner.put(name, part, node.pipe.declares)
            try:
                self.write(node.body, inner)
            except _Left as left:
                if left.kind == "break":
                    break
            finally:
                del scope.names[known:]
        if not found:
            self.write(node.otherwise, scope)
            del scope.names[known:]

    def _included(self, node: Include, scope: _Scope) -> None:
        nodes = self._tree.defined.get(node.name)
        if nodes is None:
            raise Refused("", f"template {node.name!r} is not defined")
        if scope.depth >= _DEEPEST:
            raise Refused("", "templates include each other too deeply")
        dot = None if node.pipe is None else self._piped(node.pipe, scope)
        self.write(nodes, _Scope(dot, [("$", dot)], scope.depth + 1))

    def _piped(self, pipe: Pipe, scope: _Scope) -> Any:
        value: Any = None
        for place, command in enumerate(pipe.commands):
            value = self._command(command, scope, (value,) if place else ())
        for name in pipe.names:
            scope.put(name, value, pipe.declares)
        return value

    def _command(self, command: tuple[Operand, ...], scope: _Scope, piped: tuple[Any, ...]) -> Any:
        self._step()
        first, *rest = command
        if isinstance(first, Word):
            given = [_plain(self._value(operand, scope)) for operand in rest]
            return self._call(first.name, (*given, *map(_plain, piped)))
        value = self._value(first, scope)
        if rest or piped:
            raise Refused("", f"can't give an argument to a non-function ({kind_of(value)})")
        return value

    def _value(self, operand: Operand, scope: _Scope) -> Any:
        match operand:
            case Literal():
                return operand.value
            case Word():
                return self._call(operand.name, ())
            case Path(root=str() as name):
                found = scope.find(name) if name else scope.dot
            case Path(root=Pipe() as pipe):
                found = self._piped(pipe, scope)
            case Path(root=Word() as word):
                found = self._call(word.name, ())
        for name in operand.fields:
            found = _field(found, name)
        return found

    def _call(self, name: str, values: tuple[Any, ...]) -> Any:
        try:
            return self._functions[name](*values)
        except TypeError:
            raise Refused("", f"wrong arguments for {name}") from None
        except Refused as refused:
            raise Refused("", f"error calling {name}: {refused.problem}") from None


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Sample):
        fields = {"Labels": value.labels, "Value": value.value}
        if name in fields:
            return fields[name]
    elif isinstance(value, _Data):
        if name in value:
            return value[name]
    elif isinstance(value, Mapping):
        return value.get(name, "")
    raise Refused("", f"there is no .{name} in {kind_of(value)}")


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if value is None:
        return []
    raise Refused("", f"range can't go over {kind_of(value)}")
