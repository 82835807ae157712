"""RouterOS's language as trees: every fault of a text is told before any of it runs.

A tree is a tuple that begins with its kind; `running.py` knows what each kind does.
"""

import re
from collections.abc import Callable

from tests.playbooks.devices.routeros.expressions import Expressions
from tests.playbooks.devices.routeros.scanning import Tree

# commands of the language, with the places where code may stand
COMMANDS = {
    "put", "set", "local", "global", "if", "do", "while", "for", "foreach", "delay", "execute",
    "error", "log", "len", "tostr", "tonum", "totime", "toip", "tobool", "toarray", "typeof",
    "pick", "find", "resolve", "parse", "return", "time", "beep", "nothing", "environment",
}  # fmt: skip
# fmt: skip
CODE = {"do", "else", "on-error"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_VARIABLE = re.compile(r"[A-Za-z0-9]+")


class Parser(Expressions):
    """One text; `parsed` gives its statements."""

    def parsed(self) -> list[Tree]:
        return self._statements("")

    def _statements(self, closing: str) -> list[Tree]:
        found: list[Tree] = []
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
            if word == "set" and self._peek() == "(":
                return self._entry()
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

    def _entry(self) -> Tree:
        """`:set ($array->key) value`: a part of an array that a variable holds."""
        start = self.at
        place = self._value("", False)
        args, named = self._arguments((), "set", self._any)
        if place[:2] != ("op", "->") or place[2][0] != "variable" or len(args) != 1 or named:
            raise self._fault("syntax error", start)
        return ("entry", place[2][1], place[3], args[0])

    def _any(self, name: str) -> bool:
        return True

    def _menu(self) -> Tree:
        """A path with its command; a path alone is where the next ones begin."""
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
            if not word:
                return self._entered(path, start)
            if word != ".." and self.menus.command(path, word):
                return self._command(path, word)
            inner = self._inner(path, word, path == base)
            if inner is None and path == base == () and word in COMMANDS:
                self.text = self.text[:at] + ":" + self.text[at:]
                self.at = at
                return self._colon()
            if inner is None:
                raise self._fault(f"bad command name {word}", at)
            path = inner

    def _entered(self, path: tuple[str, ...], start: int) -> Tree:
        if self.at == start:
            raise self._fault("expected command name")
        self.path = path
        return ("nothing",)

    def _inner(self, path: tuple[str, ...], word: str, first: bool) -> tuple[str, ...] | None:
        """Where a word of a path leads; the first may also be one of the root."""
        if word == "..":
            return path[:-1]
        if self.menus.known((*path, word)):
            return (*path, word)
        return (word,) if first and self.menus.known((word,)) else None

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
