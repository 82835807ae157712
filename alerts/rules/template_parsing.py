"""Reads the actions of a template into its tree."""

import ast
import re
from collections.abc import Collection

from agent.strict import Refused
from alerts.rules.template_tree import (
    DEEPEST,
    Action,
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
    Token,
    Tree,
    Word,
    cut,
)

_CONSTANTS = {"true": True, "false": False, "nil": None}
_BLOCKS = ("if", "with", "range")
_WORDS = (*_BLOCKS, "else", "end", "define", "block", "template", "break", "continue")
_BAD_ESCAPE = re.compile(
    r"\\(?![abfnrtv\"']|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})"
)


def parse(text: str, functions: Collection[str], names: Collection[str]) -> Tree:
    """The tree; `names` are the variables there are at the beginning."""
    parser = _Parser(cut(text), functions)
    parser.names = ["$", *names]
    tree = parser.tree
    tree.body, end = parser.nodes(top=True)
    if end:
        raise Refused("", f"unexpected {{{{{end}}}}}")
    return tree


class _Parser:
    def __init__(self, parts: list[str | Action], functions: Collection[str]) -> None:
        self._parts = parts[::-1]
        self._functions = functions
        self.names: list[str] = []
        self._loops = 0
        self._depth = 0
        self._rest = _Line((), self)
        self.tree = Tree()

    def nodes(self, top: bool = False) -> tuple[Nodes, str]:
        """Nodes up to an end or an else, and which it was with what follows it."""
        found: list[Node] = []
        while self._parts:
            part = self._parts.pop()
            if isinstance(part, str):
                found.append(Text(part))
                continue
            line = _Line(part.tokens, self)
            word = line.keyword()
            if word in ("end", "else"):
                self._rest = line
                return tuple(found), word
            node = self._node(word, line, top)
            if node is not None:
                found.append(node)
        if not top:
            raise Refused("", "unexpected end of the text: an {{end}} is missing")
        return tuple(found), ""

    def _node(self, word: str, line: "_Line", top: bool) -> Node | None:
        if word in _BLOCKS:
            return self._nested(word, line)
        if word in ("define", "block"):
            return self._define(word, line, top)
        if word == "template":
            name = line.name()
            pipe = None if line.over() else line.pipe()
            return Include(name, pipe)
        if word in ("break", "continue"):
            line.must_be_over(word)
            if not self._loops:
                raise Refused("", f"{{{{{word}}}}} outside of {{{{range}}}}")
            return Leave(word)
        return line.pipe(declaring=True)

    def _nested(self, word: str, line: "_Line") -> Branch:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Refused("", "nested too deeply")
        known = len(self.names)
        pipe = line.pipe(declaring=True, pair=word == "range")
        self._loops += word == "range"
        body, end = self.nodes()
        self._loops -= word == "range"
        otherwise: Nodes = ()
        if end == "else":
            otherwise = self._otherwise(word)
        else:
            self._rest.must_be_over("end")
        del self.names[known:]
        self._depth -= 1
        return Branch(word, pipe, body, otherwise)

    def _otherwise(self, word: str) -> Nodes:
        again = self._rest.keyword()
        if again and again == word and word != "range":
            return (self._nested(again, self._rest),)
        self._rest.must_be_over("else")
        nodes, end = self.nodes()
        if end != "end":
            raise Refused("", "expected end; found {{else}}")
        self._rest.must_be_over("end")
        return nodes

    def _define(self, word: str, line: "_Line", top: bool) -> Node | None:
        if word == "define" and not top:
            raise Refused("", "unexpected {{define}}")
        name = line.name()
        pipe = line.pipe() if word == "block" else None
        if word == "define":
            line.must_be_over(word)
        outer, self.names = self.names, ["$"]
        loops, self._loops = self._loops, 0
        self.tree.defined[name], end = self.nodes()
        self.names, self._loops = outer, loops
        if end != "end":
            raise Refused("", f"unexpected {{{{else}}}} in {word}")
        return None if pipe is None else Include(name, pipe)

    def check_function(self, name: str) -> None:
        if name not in self._functions:
            raise Refused("", f"the function {name!r} is not defined")

    def check_variable(self, name: str) -> None:
        if name not in self.names:
            raise Refused("", f"undefined variable {name!r}")


class _Line:
    """The tokens of one action, read from the left."""

    def __init__(self, tokens: tuple[Token, ...], parser: _Parser) -> None:
        self._tokens = tokens
        self._place = 0
        self._parser = parser
        self._depth = 0

    def keyword(self) -> str:
        """A word such as `if` that begins here, taken; empty when there is none."""
        token = self._look()
        if token.kind == "word" and token.text in _WORDS:
            self._place += 1
            return token.text
        return ""

    def over(self) -> bool:
        return self._look().kind == "end"

    def must_be_over(self, word: str) -> None:
        if not self.over():
            raise Refused("", f"unexpected {self._look().text!r} in {word}")

    def name(self) -> str:
        token = self._look()
        if token.kind != "text":
            raise Refused("", f"unexpected {token.text!r}: expected a name in quotes")
        self._place += 1
        return _unquoted(token.text)

    def pipe(self, declaring: bool = False, pair: bool = False, closing: str = "end") -> Pipe:
        names, declares = self._declared(pair) if declaring else ((), False)
        if declares:
            self._parser.names += names
        for name in names:
            self._parser.check_variable(name)
        commands = [self._command()]
        while self._is("|"):
            self._place += 1
            if (self._look().kind if closing == "end" else self._look().text) == closing:
                break
            commands.append(self._command())
            if isinstance(commands[-1][0], Literal) or commands[-1][0] == Path("", ()):
                raise Refused("", "only a function can follow | in a pipeline")
        token = self._look()
        if (token.kind if closing == "end" else token.text) != closing:
            raise Refused("", f"unexpected {token.text!r} in an action")
        return Pipe(tuple(commands), names, declares)

    def _declared(self, pair: bool) -> tuple[tuple[str, ...], bool]:
        """Variables that are set: `$a :=`, `$a =`, of a range also `$i, $a :=`."""
        before, found = self._place, []
        while self._look().kind == "variable":
            found.append(self._look().text)
            self._place += 1
            if self._is(",") and pair and len(found) == 1:
                self._place += 1
                self._look()
                continue
            if self._is(":=") or self._is("="):
                declares = self._look().text == ":="
                self._place += 1
                return tuple(found), declares
            break
        if len(found) > 1:
            raise Refused("", "range can only set two variables")
        self._place = before
        return (), False

    def _command(self) -> tuple[Operand, ...]:
        found: list[Operand] = []
        while True:
            token = self._look()
            if token.kind == "end" or token.text in ("|", ")"):
                break
            found.append(self._operand())
            after = self._raw()
            if after.kind not in ("space", "end") and after.text not in ("|", ")"):
                raise Refused("", f"unexpected {after.text!r} in an operand")
        if not found:
            raise Refused("", "a value is missing in an action")
        return tuple(found)

    def _operand(self) -> Operand:
        token = self._look()
        self._place += 1
        root, fields = self._root(token)
        while self._raw().kind == "field":
            fields.append(self._raw().text[1:])
            self._place += 1
        if isinstance(root, Literal) and fields:
            raise Refused("", f"unexpected .{fields[0]} after {token.text}")
        if isinstance(root, Literal | Word) and not fields:
            return root
        return Path(root, tuple(fields))

    def _root(self, token: Token) -> tuple["str | Pipe | Word | Literal", list[str]]:
        match token.kind:
            case "field":
                return "", [token.text[1:]]
            case "dot":
                return "", []
            case "variable":
                self._parser.check_variable(token.text)
                return token.text, []
            case "word":
                return self._word(token.text), []
            case "text" | "char" | "number":
                return _literal(token), []
        if token.text != "(":
            raise Refused("", f"unexpected {token.text!r} in an action")
        return self._inner(), []

    def _inner(self) -> Pipe:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Refused("", "nested too deeply")
        pipe = self.pipe(closing=")")
        self._place += 1
        self._depth -= 1
        return pipe

    def _word(self, name: str) -> Word | Literal:
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name])
        if name in _WORDS:
            raise Refused("", f"unexpected {name} in an action")
        self._parser.check_function(name)
        return Word(name)

    def _is(self, mark: str) -> bool:
        return self._look().text == mark

    def _look(self) -> Token:
        """The next token that is no space."""
        while self._raw().kind == "space":
            self._place += 1
        return self._raw()

    def _raw(self) -> Token:
        if self._place < len(self._tokens):
            return self._tokens[self._place]
        return Token("end", "}}")


def _literal(token: Token) -> Literal:
    if token.kind == "text":
        return Literal(_unquoted(token.text))
    if token.kind == "char":
        char = _unquoted(f'"{token.text[1:-1]}"' if token.text != "'\"'" else '"\\""')
        if len(char) != 1:
            raise Refused("", f"malformed character {token.text}")
        return Literal(ord(char))
    text = token.text.replace("_", "")
    try:
        whole = re.fullmatch(r"[+-]?0[0-7]+", text)
        return Literal(int(text, 8) if whole else int(text, 0))
    except ValueError:
        return Literal(float(text))


def _unquoted(text: str) -> str:
    """What a quoted text says, in Go's way of quoting."""
    if text[0] == "`":
        return text[1:-1].replace("\r", "")
    if _BAD_ESCAPE.search(text.replace("\\\\", "")):
        raise Refused("", f"bad escape in {text[:40]}")
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError) as error:
        raise Refused("", f"bad text {text[:40]}") from error
