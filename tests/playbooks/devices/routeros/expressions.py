"""Values of RouterOS's language as trees: strings, arrays, calculations, commands in brackets."""

import re

from tests.playbooks.devices.routeros.scanning import Scanner, Tree
from tests.playbooks.devices.routeros.values import literal

_WORD = re.compile(r"[^\s;\[\](){}\"=$\\]+")
_ATOM = re.compile(
    r"\d+\.\d+\.\d+\.\d+(?:/\d+)?|(?:\d+[wd])*\d+:\d\d(?::\d\d)?|[\w*][\w.:]*(?:-[A-Za-z]\w*)*|:"
)
_OPERATORS = (
    ("or", "||"), ("and", "&&"), ("in",), ("!=", "<=", ">=", "=", "<", ">", "~"),
    (",",), (".",), ("+", "-"), ("*", "/", "%"), ("->",),
)  # fmt: skip


class Expressions(Scanner):
    """Reads values; what stands in brackets and braces is read by who knows statements."""

    def _statements(self, closing: str) -> list[Tree]:
        raise NotImplementedError

    def _code(self) -> list[Tree]:
        raise NotImplementedError

    def _string_name(self) -> str:
        if self._peek() != '"':
            return ""
        kind, *parts = self._string()
        return str(parts[0]) if kind == "is" else ""

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
