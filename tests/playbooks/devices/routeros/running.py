"""What RouterOS's language does, as generators: each yields how long it waits before it goes on.

0 is a place where others may come between. What it prints goes to `out`.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from tests.playbooks.devices.routeros import values
from tests.playbooks.devices.routeros.functions import FUNCTIONS, OPERATORS, Returned, seconds
from tests.playbooks.devices.routeros.parsing import Parser
from tests.playbooks.devices.routeros.scanning import Fault, Menus, Tree
from tests.playbooks.devices.routeros.values import Id, Value, shown, true

if TYPE_CHECKING:
    from tests.playbooks.devices.routeros.box import Box, Job

Waits = Generator[float, None, Value]


class Run:
    """One text being run, with its variables."""

    def __init__(self, box: "Box", out: Callable[[str], None], job: "Job | None" = None) -> None:
        self.box, self.out, self.job = box, out, job
        self.scopes: list[dict[str, Value]] = [{}]
        self.item: dict[str, Value] | None = None

    def text(self, text: str) -> Waits:
        """All of it, or a Fault before anything was done."""
        code = read(text, self.box.menus)
        return (yield from self.code(code))

    def code(self, code: list[Tree]) -> Waits:
        self.scopes.append({})
        value: Value = None
        try:
            for tree in code:
                value = yield from self._statement(tree)
                yield 0.0
        finally:
            self.scopes.pop()
        return value

    def _statement(self, tree: Tree) -> Waits:
        try:
            return (yield from self.ev(tree))
        except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Fault(f"missing or wrong value of an argument ({error!r})") from error

    def ev(self, tree: Tree) -> Waits:
        step: Callable[..., Waits] = getattr(self, f"_{tree[0]}")
        return (yield from step(*tree[1:]))

    def _all(self, trees: dict[str, Tree]) -> Generator[float, None, dict[str, Value]]:
        found = {}
        for name, tree in trees.items():
            found[name] = yield from self.ev(tree)
        return found

    # values

    def _is(self, value: Value) -> Waits:
        return value
        yield

    def _value(self, tree: Tree) -> Waits:
        return (yield from self.ev(tree))

    def _nothing(self) -> Waits:
        return None
        yield

    def _joined(self, parts: list[Tree]) -> Waits:
        text = ""
        for part in parts:
            text += shown((yield from self.ev(part)))
        return text

    def _variable(self, name: str) -> Waits:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return self.box.globals.get(name)
        yield

    def _bracket(self, code: list[Tree]) -> Waits:
        value: Value = None
        for tree in code:
            value = yield from self.ev(tree)
            if isinstance(value, Code) and tree[0] == "value":
                value = yield from self.code(value.code)
        return value

    def _array(self, keys: list[Tree | None], items: list[Tree]) -> Waits:
        found = []
        for item in items:
            found.append((yield from self.ev(item)))
        if any(key is not None for key in keys):
            named = {}
            for key, value in zip(keys, found, strict=True):
                named[shown((yield from self.ev(key)) if key else None)] = value
            return named
        return found

    def _code(self, code: list[Tree], text: str) -> Waits:
        return Code(code, text)
        yield

    def _property(self, name: str) -> Waits:
        assert self.item is not None
        return self.item.get(name)
        yield

    def _not(self, tree: Tree) -> Waits:
        return not true((yield from self.ev(tree)))

    def _op(self, operator: str, left: Tree, right: Tree) -> Waits:
        one = yield from self.ev(left)
        if operator in ("and", "or") and true(one) is (operator == "or"):
            return operator == "or"
        other = yield from self.ev(right)
        return OPERATORS[operator](one, other)

    # statements

    def _scope(self, code: list[Tree]) -> Waits:
        return (yield from self.code(code))

    def _call(self, name: str, args: list[Tree], named: dict[str, Tree]) -> Waits:
        function = yield from self._variable(name)
        if not isinstance(function, Code):
            if args or named:
                raise Fault("no such command or directory")
            return function
        inner = Run(self.box, self.out, self.job)
        inner.scopes = [(yield from self._all(named))]
        for number, tree in enumerate(args, 1):
            inner.scopes[0][str(number)] = yield from self.ev(tree)
        try:
            return (yield from inner.code(function.code))
        except Returned as returned:
            return returned.value

    def _assign(self, how: str, name: str, given: Tree | None, named: dict[str, Tree]) -> Waits:
        tree = named.get("do", given)
        value = (yield from self.ev(tree)) if tree else None
        if how == "global":
            if tree:
                self.box.globals[name] = value
            else:
                self.box.globals.setdefault(name, None)
        elif how == "local":
            self.scopes[-1][name] = value
        else:
            for scope in [*reversed(self.scopes), self.box.globals]:
                if name in scope:
                    scope[name] = value
                    break
            else:
                raise Fault("syntax error: no such variable")
        return None

    def _entry(self, name: str, place: Tree, given: Tree) -> Waits:
        """A copy with that part changed: nobody else who holds the array sees it."""
        before = yield from self._variable(name)
        at, value = (yield from self.ev(place)), (yield from self.ev(given))
        made = values.changed(before, at, value)
        if made is None:
            raise Fault("failure: no such element")
        for scope in [*reversed(self.scopes), self.box.globals]:
            if name in scope:
                scope[name] = made
                break
        return None

    def _block(self, tree: Tree) -> Waits:
        value = yield from self.ev(tree)
        if not isinstance(value, Code):
            value = Code(read(shown(value), self.box.menus), "")
        return (yield from self.code(value.code))

    def _for(self, name: str, named: dict[str, Tree]) -> Waits:
        code = named.pop("do")
        bounds = yield from self._all(named)
        step = bounds.get("step", 1)
        for number in range(bounds["from"], bounds["to"] + (1 if step > 0 else -1), step):
            self.scopes.append({name: number})
            yield from self._block(code)
            self.scopes.pop()
        named["do"] = code
        return None

    def _foreach(self, name: str, named: dict[str, Tree]) -> Waits:
        found = yield from self.ev(named["in"])
        if isinstance(found, str):
            found = found.split(",") if found else []
        key, _, item = name.rpartition(",")
        pairs = found.items() if isinstance(found, dict) else enumerate(values.listed(found))
        for at, value in list(pairs if found is not None else ()):
            self.scopes.append({item: value, **({key: at} if key else {})})
            yield from self._block(named["do"])
            self.scopes.pop()
        return None

    def _colon(self, word: str, args: list[Tree], named: dict[str, Tree]) -> Waits:
        special = {"if": self._if, "while": self._while, "do": self._do, "execute": self._execute}
        if word in special:
            return (yield from special[word](args, named))
        given = []
        for tree in args:
            given.append((yield from self.ev(tree)))
        options = yield from self._all(named)
        if word == "delay":
            yield seconds(given[0] if given else options.get("delay-time", 1))
            return None
        if word == "put":
            self.out(shown(given[0] if given else options.get("message")) + "\n")
            return None
        if word == "parse":
            text = shown(given[0])
            return Code(read(text, self.box.menus), text)
        return FUNCTIONS[word](
            self, *given, **{name.replace("-", "_"): value for name, value in options.items()}
        )

    def _if(self, args: list[Tree], named: dict[str, Tree]) -> Waits:
        if true((yield from self.ev(args[0]))):
            return (yield from self._block(named["do"])) if "do" in named else None
        return (yield from self._block(named["else"])) if "else" in named else None

    def _while(self, args: list[Tree], named: dict[str, Tree]) -> Waits:
        while true((yield from self.ev(args[0]))):
            yield from self._block(named["do"])
        return None

    def _do(self, args: list[Tree], named: dict[str, Tree]) -> Waits:
        """`:do {} on-error={}`, `:do {} while=()`."""
        try:
            while True:
                value = yield from self._block(args[0] if args else named["command"])
                if "while" not in named or not true((yield from self.ev(named["while"]))):
                    return value
        except Fault:
            if "on-error" not in named:
                raise
            return (yield from self._block(named["on-error"]))

    def _execute(self, args: list[Tree], named: dict[str, Tree]) -> Waits:
        script = yield from self.ev(named["script"] if "script" in named else args[0])
        text = script.text if isinstance(script, Code) else shown(script)
        return self.box.start(text)

    def _menu(
        self, path: tuple[str, ...], word: str, args: list[Tree],
        named: dict[str, Tree], where: Tree | None = None,
    ) -> Waits:  # fmt: skip
        given = []
        for tree in args:
            given.append((yield from self.ev(tree)))
        options = yield from self._all(named)
        options = {name: as_text(value) for name, value in options.items()}
        chosen: list[int] | None = None
        if word in ("find", "print") and path in self.box.items:
            chosen = yield from self._chosen(path, where)
        return (yield from self.box.command(self, path, word, given, options, chosen))

    def _chosen(
        self, path: tuple[str, ...], where: Tree | None
    ) -> Generator[float, None, list[int]]:
        found = []
        for number in list(self.box.items[path]):
            self.item = {**self.box.seen(path, number), ".id": Id(number)}
            if where is None or true((yield from self.ev(where))):
                found.append(number)
        self.item = None
        return found


def read(text: str, menus: Menus) -> list[Tree]:
    """What a text means on such a router; the same text is read once."""
    if text not in menus.been_read:
        menus.been_read[text] = Parser(text, menus).parsed()
    return menus.been_read[text]


class Code:
    """A piece of code as a value; a script's source is its text."""

    def __init__(self, code: list[Tree], text: str) -> None:
        self.code, self.text = code, text

    def __str__(self) -> str:
        return self.text


def as_text(value: Value) -> Value:
    return value.text if isinstance(value, Code) else value
