"""YAML as a tree that knows its lines; what could hurt its reader is refused.

Scalars stay the text they are written as: whoever reads a field knows what it must be.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from agent.strict import Refused

LARGEST_BYTES = 1 << 20
DEEPEST = 32
MOST_NODES = 200_000

_NULLS = ("", "~", "null", "Null", "NULL")
# written in C where PyYAML has it: a large file is read between two ticks of the engine
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """`plain`: written without quotes."""

    text: str
    line: int
    plain: bool

    @property
    def null(self) -> bool:
        return self.plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple["Tree", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in their order; no key stands twice."""

    pairs: tuple[tuple[Scalar, "Tree"], ...]
    line: int


Tree = Scalar | Listing | Table


@dataclass(frozen=True, slots=True)
class Document:
    """The first document of a file; `more_at`: the line of a second one, which is not read."""

    tree: Tree | None
    more_at: int | None = None


class _Open:
    """A list or table whose end has not come yet."""

    def __init__(self, kind: type[Listing] | type[Table], line: int, anchor: str | None) -> None:
        self.kind, self.line, self.anchor = kind, line, anchor
        self.found: list[Tree] = []

    def close(self) -> Tree:
        if self.kind is Listing:
            return Listing(tuple(self.found), self.line)
        return Table(_pairs(self.found), self.line)


def parse(data: bytes) -> Document:
    """The tree of a file; Refused with the line as its place."""
    if len(data) > LARGEST_BYTES:
        raise Refused("1", f"larger than {LARGEST_BYTES:,} bytes")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(str(line), "not UTF-8") from error
    try:
        return _Builder().build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Refused(str(mark.line + 1 if mark else 1), f"YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Refused(str(line), f"YAML: {error.reason}") from error


class _Builder:
    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Tree, int]] = {}
        self._nodes = 0
        self._done: Tree | None = None

    def build(self, events: Iterator[yaml.Event]) -> Document:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    return Document(self._done, event.start_mark.line + 1)
            else:
                self._take(event)
        return Document(self._done)

    def _take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case yaml.ScalarEvent():
                plain = not event.style and event.tag in (None, "tag:yaml.org,2002:null")
                self._put(Scalar(event.value, line, plain), event.anchor, 1)
            case yaml.AliasEvent():
                self._alias(event.anchor, line)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if len(self._open) >= DEEPEST:
                    raise Refused(str(line), f"nested deeper than {DEEPEST}")
                kind = Table if isinstance(event, yaml.MappingStartEvent) else Listing
                self._open.append(_Open(kind, line, event.anchor))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                ended = self._open.pop()
                self._put(ended.close(), ended.anchor, 1)

    def _alias(self, name: str, line: int) -> None:
        if name not in self._anchors:
            raise Refused(str(line), f"the alias *{name} has no anchor before it")
        tree, size = self._anchors[name]
        self._put(tree, None, size)

    def _put(self, tree: Tree, anchor: str | None, size: int) -> None:
        self._nodes += size
        if self._nodes > MOST_NODES:
            raise Refused(str(tree.line), f"more than {MOST_NODES:,} values")
        if anchor is not None:
            self._anchors[anchor] = (tree, _size(tree))
        if self._open:
            self._open[-1].found.append(tree)
        else:
            self._done = tree


def _size(tree: Tree) -> int:
    """How many values a tree has."""
    match tree:
        case Listing():
            return 1 + sum(map(_size, tree.items))
        case Table():
            return 1 + sum(1 + _size(value) for _, value in tree.pairs)
    return 1


def _pairs(found: list[Tree]) -> tuple[tuple[Scalar, Tree], ...]:
    """Keys and values by turns, made pairs; what `<<` brings in stands behind the table's own."""
    own: dict[str, tuple[Scalar, Tree]] = {}
    merged: list[tuple[Scalar, Tree]] = []
    for key, value in zip(found[::2], found[1::2], strict=True):
        if not isinstance(key, Scalar):
            raise Refused(str(key.line), "a key must be text")
        if key.plain and key.text == "<<":
            merged += _merged(value)
        elif key.text in own:
            first = own[key.text][0].line
            raise Refused(str(key.line), f"the key {key.text!r} already stands in line {first}")
        else:
            own[key.text] = (key, value)
    for key, value in merged:
        own.setdefault(key.text, (key, value))
    return tuple(own.values())


def _merged(value: Tree) -> tuple[tuple[Scalar, Tree], ...]:
    tables = value.items if isinstance(value, Listing) else (value,)
    pairs: tuple[tuple[Scalar, Tree], ...] = ()
    for table in tables:
        if not isinstance(table, Table):
            raise Refused(str(value.line), "<< takes a table, or a list of tables")
        pairs += table.pairs
    return pairs
