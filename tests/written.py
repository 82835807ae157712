"""Which words the code writes into a table: found in its text, through constants and arguments."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLOORS = ("collector", "alerts", "playbooks", "web")


def words(module: str, functions: tuple[str, ...], place: int, name: str) -> dict[str, str]:
    """The texts that calls like `module.function(...)` are given at a place or by a name.

    Each with where that is; an argument that is no text anybody can find is an AssertionError.
    """
    found: dict[str, str] = {}
    for path in _sources():
        text = path.read_text()
        if not any(f"{module}.{function}(" in text for function in functions):
            continue
        for call in _calls(_tree(path)):
            func = call.func
            if isinstance(func, ast.Attribute) and func.attr in functions:
                if ast.unparse(func.value).rpartition(".")[2] != module:
                    continue
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                given = _argument(call, place, name)
                found |= dict.fromkeys(_texts(given, path, call), where)
    assert found
    return found


def _texts(node: ast.expr | None, path: Path, at: ast.AST) -> Iterator[str]:
    """What an expression may be; every text of an `if` and an `or`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, path, at), *_texts(node.orelse, path, at))
    elif isinstance(node, ast.BoolOp):
        yield from (text for each in node.values for text in _texts(each, path, at))
    elif isinstance(node, ast.Name):
        yield from _named(node.id, path, at)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        source = _module(node.value.id, path)
        # a step's own template: the few that there are stand in its own test
        yield from _named(node.attr, source, at) if source else ()
    else:
        raise AssertionError(f"{path}:{getattr(at, 'lineno', 0)}: {node and ast.unparse(node)}")


def _named(name: str, path: Path, at: ast.AST) -> Iterator[str]:
    tree, inside = _tree(path), _around(path, at)
    for node in [*(ast.walk(inside) if inside else ()), *tree.body]:
        if isinstance(node, ast.Assign) and _binds(node, name):
            yield from _texts(_bound(node, name), path, at)
            return
        if isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}:
            source = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            yield from _named(name, source, ast.Pass())
            return
    assert inside is not None, f"{path}: nobody says what {name} is"
    places = [each.arg for each in inside.args.args]
    assert name in places, f"{path}: nobody says what {name} is"
    for call in _calls(tree):
        if isinstance(call.func, ast.Name) and call.func.id == inside.name:
            yield from _texts(_argument(call, places.index(name), name), path, call)


def _binds(node: ast.Assign, name: str) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == name
        for target in node.targets
        for each in ast.walk(target)
    )


def _bound(node: ast.Assign, name: str) -> ast.expr:
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        names = [ast.unparse(each) for each in target.elts]
        return node.value.elts[names.index(name)]
    return node.value


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    by_name = [each.value for each in call.keywords if each.arg == name]
    return by_name[0] if by_name else (call.args[place] if place < len(call.args) else None)


def _module(name: str, path: Path) -> Path | None:
    """The file that a module is called `name` in another one."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and name in {each.name for each in node.names}:
            source = ROOT / (node.module or "").replace(".", "/") / f"{name}.py"
            return source if source.is_file() else None
    return None


def _around(path: Path, at: ast.AST) -> ast.FunctionDef | None:
    """The function that something stands in."""
    line = getattr(at, "lineno", 0)
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            return node
    return None


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _sources() -> list[Path]:
    return sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
