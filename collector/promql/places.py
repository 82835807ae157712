"""Where in a query's text its parts begin; the parser does not tell, and warnings say it.

`starts` lists the beginnings of literals, selectors, calls, parentheses and minus signs in the
order of the text, which is the order in which a walk over the tree meets them.
"""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
      | (?P<braces>\{(?:[^}"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\})
      | (?P<brackets>\[[^\]]*\])
      | (?P<number>(?:\d|\.\d)(?:[eE][+-]?\d+|[\w.])*)
      | (?P<word>[A-Za-z_:][\w:]*)
      | (?P<sign>==|!=|>=|<=|.)""",
    re.VERBOSE | re.DOTALL,
)
_LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}

Token = tuple[str, str, int]


def starts(query: str) -> list[tuple[bool, int]]:
    """(is it a minus sign?, position in characters)"""
    tokens = [
        (str(found.lastgroup), found[0], found.start())
        for found in _TOKEN.finditer(query)
        if found.lastgroup != "skip"
    ]
    walk = _Walk(tokens)
    while walk.at < len(tokens):
        if walk.operand:
            walk.take_operand()
        else:
            walk.take_operator()
    return walk.found


@dataclass(slots=True)
class _Walk:
    tokens: list[Token]
    at: int = 0
    operand: bool = True
    found: list[tuple[bool, int]] = field(default_factory=list)

    def take_operand(self) -> None:
        kind, text, place = self.tokens[self.at]
        self.at += 1
        if kind == "word" and self._calls():
            self.found.append((False, place))
            self._skip_lists()
            self.at += 1
        elif kind in ("word", "string", "number", "braces"):
            self.found.append((False, place))
            if kind == "word" and self._kind() == "braces":
                self.at += 1
            self.operand = False
        elif text in ("-", "("):
            self.found.append((text == "-", place))
        elif text == ")":
            self.operand = False

    def take_operator(self) -> None:
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if text == "offset" or text == "@":
            self._skip_time()
        elif kind == "word" and text.lower() in _LISTS:
            self.at -= 1
            self._skip_lists()
        elif text != ")" and kind in ("word", "sign"):
            self.operand = True
            if self._text() == "bool":
                self.at += 1
            self._skip_lists()

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _text(self) -> str:
        return self.tokens[self.at][1].lower() if self.at < len(self.tokens) else ""

    def _calls(self) -> bool:
        return self._text() == "(" or self._text() in ("by", "without")

    def _skip_lists(self) -> None:
        """`by (a, b)` and its like, as many as follow."""
        while self._text() in _LISTS:
            self.at += 1
            if self._text() == "(":
                while self.at < len(self.tokens) and self._text() != ")":
                    self.at += 1
                self.at += 1

    def _skip_time(self) -> None:
        """What follows `offset` or `@`."""
        if self._text() in ("-", "+"):
            self.at += 1
        self.at += 1
        if self._text() == "(":
            self.at += 2
