"""The text of a Go template as a tree; what Go would refuse is refused here.

Actions stand between {{ and }}; a dash beside the braces takes away the space around them.
"""

import re
from dataclasses import dataclass, field

from agent.strict import Refused

LONGEST = 16_384
DEEPEST = 50

_BEGIN = re.compile(r"\{\{(?:-[ \t\r\n])?")
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)
    |(?P<char>'(?:\\.|[^'\\\n])+')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
        |(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.]))
    |(?P<field>\.[^\W\d]\w*)
    |(?P<dot>\.)
    |(?P<variable>\$\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<mark>:=|=|\||\(|\)|,)""",
    re.VERBOSE,
)
_CLOSED = re.compile(r"""(?:[^"`'}]|"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+'|\}(?!\}))*""")
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/(?:[ \t\r\n]-)?(?=\}\})")
_TRIMMED = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Word:
    """A function."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """`.a.b` (root ""), `$x.a` (root "$x") or what another operand is, and its fields."""

    root: "str | Pipe | Word | Literal"
    fields: tuple[str, ...]


Operand = Literal | Word | Path


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands by turns, each a list of operands; `names` are set to what it comes to."""

    commands: tuple[tuple[Operand, ...], ...]
    names: tuple[str, ...] = ()
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """`kind` is if, with or range."""

    kind: str
    pipe: Pipe
    body: "Nodes"
    otherwise: "Nodes"


@dataclass(frozen=True, slots=True)
class Leave:
    """`kind` is break or continue."""

    kind: str


@dataclass(frozen=True, slots=True)
class Include:
    name: str
    pipe: Pipe | None


Node = Text | Pipe | Branch | Leave | Include
Nodes = tuple[Node, ...]


@dataclass(slots=True)
class Tree:
    body: Nodes = ()
    defined: dict[str, Nodes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    tokens: tuple[Token, ...]


def cut(text: str) -> list[str | Action]:
    """The texts and the actions, in their order."""
    if len(text) > LONGEST:
        raise Refused("", f"longer than {LONGEST:,} characters")
    found: list[str | Action] = []
    place, trim = 0, False
    while (begin := _BEGIN.search(text, place)) is not None:
        before = _stripped(text[place : begin.start()], trim)
        found.append(before.rstrip(_TRIMMED) if "-" in begin[0] else before)
        inside, place = _inside(text, begin.end())
        trim = inside[-1:] == "-" and inside[-2:-1] in tuple(_TRIMMED)
        action = _tokens(inside[:-1] if trim else inside)
        if action is not None:
            found.append(action)
    found.append(_stripped(text[place:], trim))
    return [part for part in found if part != ""]


def _stripped(text: str, trim: bool) -> str:
    return text.lstrip(_TRIMMED) if trim else text


def _inside(text: str, begin: int) -> tuple[str, int]:
    """What stands in an action that begins here, and where the text after it begins."""
    comment = _COMMENT.match(text, begin)
    if comment is not None:
        return comment[0], comment.end() + 2
    if text.startswith("/*", begin):
        raise Refused("", "a comment that does not end with its action")
    closed = _CLOSED.match(text, begin)
    end = begin if closed is None else closed.end()
    if not text.startswith("}}", end):
        quoted = text[end : end + 1] in ('"', "`", "'")
        raise Refused("", "unterminated quoted text" if quoted else "unclosed action")
    return text[begin:end], end + 2


def _tokens(text: str) -> Action | None:
    """The tokens of an action; None for a comment."""
    if text.startswith("/*"):
        return None
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Refused("", f"unexpected {text[place]!r} in an action")
        found.append(Token(match.lastgroup, match[0]))
        place = match.end()
    return Action(tuple(found))
