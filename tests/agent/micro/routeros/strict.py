"""What our scripts may use of RouterOS's language, and why the rest is refused.

Known: `:local :global :set` (also of a part of an array), `:if :while :foreach :do on-error`,
`:parse` and calls of what it gives with named values, `:return :error :log :put :delay :resolve`,
`:len :pick :find :tostr :tonum :typeof :toarray`, calculations, comparisons, arrays in braces,
commands of menus with `find where`. All else is refused by name, whether a router knows it or not:
`:onerror`, `:serialize`, `:deserialize`, `:convert`, `:rndstr` are not in 6.49, of others versions
differ in what they do.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.playbooks.devices.routeros.menus import Known
from tests.playbooks.devices.routeros.parsing import Parser
from tests.playbooks.devices.routeros.scanning import Fault, Tree

_WORDS = {
    "if", "while", "do", "return", "error", "log", "put", "delay", "resolve", "parse",
    "len", "pick", "find", "tostr", "tonum", "typeof", "toarray",
}  # fmt: skip
_TAKES = re.compile(r"# Takes ([a-z, ]+?)[.:]")
# what a word of ours would be read as, where a menu has a property of that name
_KEYWORDS = {"and", "or", "in", "where", "true", "false", "yes", "no", "do", "else"}


def takes(text: str) -> set[str]:
    """The names that a script is given, by its first line."""
    found = _TAKES.match(text)
    return set(found[1].split(", ")) if found else set()


def complaints(text: str, menus: Known, scripts: Mapping[str, str]) -> Iterator[str]:
    """All that is wrong with one script; `scripts` are those that it may call."""
    try:
        code = Parser(text, menus).parsed()
    except Fault as fault:
        yield str(fault)
        return
    yield from _Reader(text, menus, scripts).all(code)


class _Reader:
    def __init__(self, text: str, menus: Known, scripts: Mapping[str, str]) -> None:
        self.menus, self.scripts = menus, scripts
        self.given = takes(text)
        self.names = set(self.given)
        self.parsed: dict[str, str] = {}

    def all(self, code: list[Tree], guarded: bool = False) -> Iterator[str]:
        for tree in code:
            yield from self.one(tree, guarded)

    def one(self, tree: Any, guarded: bool) -> Iterator[str]:
        """A tree, a list or table of them, or a plain value."""
        if isinstance(tree, dict):
            tree = list(tree.values())
        if isinstance(tree, list):
            for each in tree:
                yield from self.one(each, guarded)
        elif isinstance(tree, tuple) and tree:
            look = getattr(self, f"_{tree[0]}", None)
            if look is not None:
                yield from look(guarded, *tree[1:])
            for part in tree[1:]:
                yield from self.one(part, guarded or _guards(tree))

    def _joined(self, guarded: bool, parts: list[Tree]) -> Iterator[str]:
        yield "a variable inside a string, or two values that touch"

    def _array(self, guarded: bool, keys: list[Any], items: list[Tree]) -> Iterator[str]:
        if not items:
            yield "{} is no array everywhere"
        if any(keys) and not all(key and key[0] == "is" for key in keys):
            yield "a key that is not in quotes"

    def _for(self, guarded: bool, name: str, named: dict[str, Tree]) -> Iterator[str]:
        yield ":for counts down when its end is before its start"

    def _foreach(self, guarded: bool, name: str, named: dict[str, Tree]) -> Iterator[str]:
        self.names.add(name)
        if not name.isalnum():
            yield f":foreach {name}: one name"
        yield from ()

    def _variable(self, guarded: bool, name: str) -> Iterator[str]:
        if name not in self.names:
            yield f"${name} is not declared"

    def _assign(self, guarded: bool, how: str, name: str, value: Any, named: Any) -> Iterator[str]:
        if how == "set" and (name in self.given or name not in self.names):
            yield f":set {name}: not a variable of this script"
        if name in _KEYWORDS or name in self.scripts:
            yield f"{name} is a word of the language"
        self.names.add(name)
        if script := _source(value):
            self.parsed[name] = script
            if script not in self.scripts:
                yield f"no script {script}"

    def _entry(self, guarded: bool, name: str, place: Tree, value: Tree) -> Iterator[str]:
        if name not in self.names or name in self.given - {"record"}:
            yield f":set (${name}->...): not a variable of this script"

    def _call(
        self, guarded: bool, name: str, args: list[Tree], named: dict[str, Tree]
    ) -> Iterator[str]:
        if name not in self.names:
            yield f"${name} is not declared"
        if args:
            yield f"${name}: a value without a name"
        script = self.parsed.get(name)
        if script is not None and set(named) != takes(self.scripts[script]):
            yield f"${name} is given {sorted(named)}, takes {sorted(takes(self.scripts[script]))}"

    def _colon(
        self, guarded: bool, word: str, args: list[Tree], named: dict[str, Tree]
    ) -> Iterator[str]:
        if word not in _WORDS:
            yield f":{word} is not among what we use"
        if word == "find" and len(args) != 2:
            yield ":find from a place is not alike in all versions"
        if word == "return" and guarded:
            yield ":return within :do on-error"
        if word == "log" and args[0][1] not in ("info", "warning"):
            yield ":log info or warning"

    def _menu(
        self, guarded: bool, path: Any, word: str, args: Any, named: Any, where: Any
    ) -> Iterator[str]:
        own = {name.rstrip("*") for name in self.menus.table.get(path, ())}
        for name in _variables(where):
            if name in own or name in _KEYWORDS:
                yield f"where ...=${name}: read as the property {name}"


def _guards(tree: Tree) -> bool:
    return tree[:2] == ("colon", "do") and "on-error" in tree[3]


def _source(value: Any) -> str:
    """The script whose text is read: [:parse [/system script get NAME source]]."""
    match value:
        case ("bracket", [("colon", "parse", [("bracket", [menu])], {})]):
            match menu:
                case ("menu", ("system", "script"), "get", [("is", str(name)), _], {}, None):
                    return name
    return ""


def _variables(tree: Any) -> Iterator[str]:
    if isinstance(tree, tuple):
        if tree[:1] == ("variable",):
            yield tree[1]
        for part in tree:
            yield from _variables(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _variables(part)
