"""RouterOS's language as trees: every fault of a text is told before any of it runs.

A tree is a tuple that begins with its kind; `running.py` knows what each kind does.
"""

import re
from collections.abc import Callable
from typing import Any

from tests.playbooks.devices.routeros.values import literal

Tree = tuple[Any, ...]
# commands of the language, with the places where code may stand
COMMANDS = {
    "put", "set", "local", "global", "if", "do", "while", "for", "foreach", "delay", "execute",
    "error", "log", "len", "tostr", "tonum", "totime", "toip", "tobool", "toarray", "typeof",
    "pick", "find", "resolve", "parse", "return", "time", "beep", "nothing", "environment",
}  # fmt: skip
CODE = {"do", "else", "on-error"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_VARIABLE = re.compile(r"[A-Za-z0-9]+")
_WORD = re.compile(r"[^\s;\[\](){}\"=$\\]+")
_ATOM = re.compile(
    r"\d+\.\d+\.\d+\.\d+(?:/\d+)?|(?:\d+[wd])*\d+:\d\d(?::\d\d)?|[\w*][\w.:]*(?:-[A-Za-z]\w*)*|:"
)
_OPERATORS = (
    ("or", "||"), ("and", "&&"), ("in",), ("!=", "<=", ">=", "=", "<", ">", "~"),
    (",",), (".",), ("+", "-"), ("*", "/", "%"), ("->",),
)  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "_": " ", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class Fault(Exception):
    """What the console prints instead of running a text, or when a command fails."""


class Menus:
    """What the parser asks about menus; paths are tuples of words."""

    def known(self, path: tuple[str, ...]) -> bool:
        raise NotImplementedError

    def command(self, path: tuple[str, ...], word: str) -> bool:
        raise NotImplementedError

    def parameter(self, path: tuple[str, ...], word: str, name: str) -> bool:
        raise NotImplementedError


class Parser:
    """One text; `parsed` gives its statements."""

    def __init__(self, text: str, menus: Menus, path: tuple[str, ...] = ()) -> None:
        self.text, self.menus, self.path = text, menus, path
        self.at = 0

    def parsed(self) -> list[Tree]:
        return self._statements("")

    def _fault(self, what: str, at: int | None = None) -> Fault:
        before = self.text[: self.at if at is None else at]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return Fault(f"{what} (line {line} column {column})")

    def _space(self, also: str = "") -> None:
        while self.at < len(self.text):
            if self.text[self.at] in " \t" + also:
                self.at += 1
            elif self.text.startswith(("\\\n", "\\\r\n"), self.at):
                self.at = self.text.index("\n", self.at) + 1
            else:
                return

    def _peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _close(self, mark: str) -> None:
        self._space("\r\n")
        if self._peek() != mark:
            raise self._fault(
                f"missing closing {mark}" if not self._peek() else "expected end of command"
            )
        self.at += 1

    def _statements(self, closing: str) -> list[Tree]:
        found = []
        while True:
            self._space(";\r\n")
            letter = self._peek()
            if letter == closing or not letter:
                if letter != closing:
                    raise self._fault("expected closing brace")
                return found
            if letter == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
                continue
            found.append(self._statement())
            self._space()
            if self._peek() not in (";", "\n", "\r", closing, ""):
                raise self._fault("expected end of command")

    def _statement(self) -> Tree:
        letter = self._peek()
        if letter == ":":
            return self._colon()
        if letter == "{":
            return ("scope", self._code())
        if letter == "$":
            self.at += 1
            name = self._variable()
            args, named = self._arguments(("call",), "", self._any)
            return ("call", name, args, named)
        if letter in "[(":
            return ("value", self._value("", False))
        return self._menu()

    def _code(self) -> list[Tree]:
        self.at += 1
        outer = self.path
        code = self._statements("}")
        self.path = outer
        self.at += 1
        return code

    def _colon(self) -> Tree:
        start = self.at
        self.at += 1
        word = self._take(_NAME)
        if word not in COMMANDS:
            raise self._fault(f"bad command name {word}", start)
        if word in ("local", "global", "set"):
            self._space()
            name = self._take(_VARIABLE) or self._string_name()
            if not name:
                raise self._fault("expected variable name")
            args, named = self._arguments((), word, self._any)
            return ("assign", word, name, args[0] if args else None, named)
        if word in ("for", "foreach"):
            self._space()
            name = self._take(re.compile(r"[A-Za-z0-9]+(?:,[A-Za-z0-9]+)?"))
            _, named = self._arguments((), word, self._any)
            return (word, name, named)
        args, named = self._arguments((), word, self._any)
        return ("colon", word, args, named)

    def _string_name(self) -> str:
        if self._peek() != '"':
            return ""
        kind, *parts = self._string()
        return str(parts[0]) if kind == "is" else ""

    def _any(self, name: str) -> bool:
        return True

    def _menu(self) -> Tree:
        start, path = self.at, self.path
        if self._peek() == "/":
            path, self.at = (), self.at + 1
        base = path
        while True:
            self._space()
            if self._peek() == "/":
                self.at += 1
            at = self.at
            word = self._take(re.compile(r"\.\.|[A-Za-z0-9_-]+"))
            if word == "..":
                path = path[:-1]
            elif not word:
                if path == base and self.at == start:
                    raise self._fault("expected command name")
                self.path = path
                return ("nothing",)
            elif self.menus.known((*path, word)):
                path = (*path, word)
            elif self.menus.command(path, word):
                return self._command(path, word)
            elif path == base and path and self.menus.known((word,)):
                path = base = (word,)
            elif path == base == () and word in COMMANDS:
                self.at = at - 1
                self.text = self.text[:at] + ":" + self.text[at:]
                self.at = at
                return self._colon()
            else:
                raise self._fault(f"bad command name {word}", at)

    def _command(self, path: tuple[str, ...], word: str) -> Tree:
        outer, self.path = self.path, path
        try:
            if word == "find":
                return ("menu", path, word, [], {}, self._where())
            args, named = self._arguments(
                path, word, lambda name: self.menus.parameter(path, word, name)
            )
            where: Tree | None = None
            if args and args[-1] == ("is", "where"):
                args.pop()
                where = self._where()
            return ("menu", path, word, args, named, where)
        finally:
            self.path = outer

    def _where(self) -> Tree | None:
        self._space()
        if self.text.startswith("where", self.at) and not _NAME.fullmatch(
            self.text[self.at : self.at + 6]
        ):
            self.at += 5
        self._space()
        if self._peek() in (";", "\n", "\r", "]", "}", ")", ""):
            return None
        tree = self._expression(0, True)
        while True:
            self._space()
            if self._peek() in (";", "\n", "\r", "]", "}", ")", ""):
                return tree
            tree = ("op", "and", tree, self._expression(0, True))

    def _arguments(
        self, path: tuple[str, ...], word: str, allowed: Callable[[str], bool]
    ) -> tuple[list[Tree], dict[str, Tree]]:
        args: list[Tree] = []
        named: dict[str, Tree] = {}
        while True:
            self._space()
            if self._peek() in (";", "\n", "\r", "]", "}", ")", ""):
                return args, named
            start = self.at
            name = self._take(_NAME)
            if name and self._peek() == "=":
                self.at += 1
                if not allowed(name):
                    raise self._fault("expected end of command", start)
                self._space()
                named[name] = self._value(
                    word, name in CODE or (word, name) == ("execute", "script")
                )
                continue
            self.at = start
            if self._peek() == "=":
                raise self._fault("syntax error")
            args.append(self._value(word, word in ("do", "execute") and not args))
            if args[-1] == ("is", "where"):
                return args, named

    def _value(self, word: str, code: bool) -> Tree:
        """Parts that touch are one value."""
        parts = [self._part(word, code)]
        while self._peek() and self._peek() not in " \t\r\n;])}=":
            parts.append(self._part(word, code))
        return parts[0] if len(parts) == 1 else ("joined", parts)

    def _part(self, word: str, code: bool) -> Tree:
        letter = self._peek()
        if letter == '"':
            return self._string()
        if letter == "$":
            self.at += 1
            return ("variable", self._variable())
        if letter == "[":
            return self._bracket()
        if letter == "(":
            self.at += 1
            tree = self._expression(0, False)
            self._close(")")
            return tree
        if letter == "{":
            return self._brace(code)
        start = self.at
        text = self._take(_WORD)
        if not text:
            raise self._fault("syntax error", start)
        return ("is", literal(text))

    def _brace(self, code: bool) -> Tree:
        start = self.at
        if code:
            tree = ("code", self._code(), "")
            return (*tree[:2], self.text[start + 1 : self.at - 1])
        if re.compile(r"\{\s*(?:[:/#]|[a-z-]+ )").match(self.text, start):
            code_ = self._code()
            return ("code", code_, self.text[start + 1 : self.at - 1])
        self.at += 1
        items: list[Tree] = []
        keys: list[Tree | None] = []
        while True:
            self._space(";\r\n")
            if self._peek() == "}":
                self.at += 1
                return ("array", keys, items)
            if not self._peek():
                raise self._fault("expected closing brace")
            value = self._value("", False)
            key = None
            if self._peek() == "=":
                self.at += 1
                key, value = value, self._value("", False)
            keys.append(key)
            items.append(value)

    def _bracket(self) -> Tree:
        self.at += 1
        outer = self.path
        code = self._statements("]")
        self.path = outer
        self.at += 1
        return ("bracket", code)

    def _variable(self) -> str:
        if self._peek() == '"':
            return self._string_name()
        return self._take(_VARIABLE)

    def _string(self) -> Tree:
        start = self.at
        self.at += 1
        parts: list[Tree] = []
        text = ""
        while True:
            letter = self._peek()
            if not letter:
                raise self._fault('missing value(s) of argument(s) or closing "', start)
            self.at += 1
            if letter == '"':
                break
            if letter == "\\":
                text += self._escape()
            elif letter == "$" and (self._peek() in '[("' or self._peek().isalnum()):
                parts += [("is", text), self._inserted()]
                text = ""
            else:
                text += letter
        if not parts:
            return ("is", text)
        return ("joined", [*parts, ("is", text)])

    def _inserted(self) -> Tree:
        if self._peek() == "[":
            return self._bracket()
        if self._peek() == "(":
            self.at += 1
            tree = self._expression(0, False)
            self._close(")")
            return tree
        return ("variable", self._variable())

    def _escape(self) -> str:
        letter = self._peek()
        self.at += 1
        if letter in '"\\$?':
            return letter
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter == "\n":
            return ""
        pair = self.text[self.at - 1 : self.at + 1]
        if re.fullmatch("[0-9A-F]{2}", pair):
            self.at += 1
            return chr(int(pair, 16))
        raise self._fault("syntax error: bad escape")

    def _expression(self, level: int, where: bool) -> Tree:
        if level == len(_OPERATORS):
            return self._unary(where)
        tree = self._expression(level + 1, where)
        while operator := self._operator(level):
            right = self._expression(level + 1, where and level < 3)
            tree = ("op", operator, tree, right)
        return tree

    def _operator(self, level: int) -> str:
        self._space("\r\n" if not self.path else "")
        for word in _OPERATORS[level]:
            if not self.text.startswith(word, self.at):
                continue
            after = self.text[self.at + len(word) : self.at + len(word) + 1]
            if word.isalpha() and (after.isalnum() or after in "-="):
                continue
            if word == "-" and after == ">":
                continue
            self.at += len(word)
            self._space()
            return {"||": "or", "&&": "and"}.get(word, word)
        return ""

    def _unary(self, where: bool) -> Tree:
        self._space("\r\n")
        if self._peek() == "!" or re.compile(r"not\b").match(self.text, self.at):
            self.at += 1 if self._peek() == "!" else 3
            return ("not", self._unary(where))
        if self._peek() == "-":
            self.at += 1
            return ("op", "-", ("is", 0), self._unary(False))
        if self._peek() in '"$[({':
            return self._part("", False)
        start = self.at
        word = self._take(_ATOM)
        if not word:
            raise self._fault("syntax error", start)
        if (
            where
            and re.fullmatch(r"\.?[A-Za-z][\w-]*", word)
            and not isinstance(literal(word), bool)
        ):
            return ("property", word)
        return ("is", literal(word))
