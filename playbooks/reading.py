"""A playbook's file as a playbook, or everything that is wrong with it, by line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from agent.strict import Refused
from collector.cause import CAUSES
from collector.yaml_files.fields import Fields, fields, kind_of
from collector.yaml_files.problems import Problem, Problems
from collector.yaml_files.tree import LARGEST_BYTES, Scalar, Table, parse
from playbooks import faults
from playbooks.model import Kind, Level, Parameter, Platform, Playbook, Recipe, Words
from playbooks.recipes import read_recipe

LANGUAGES = ("id", "en")
FILE = (
    *("name", "title", "level", "params", "blocked_when", "changes", "cannot_undo", "danger"),
    "platforms",
)
PARAMETER = ("type", "title", "default", "values", "least", "most")
# pages of the console beside those of playbooks
TAKEN = ("runs", "hosts", "archives", "schedules")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Page:
    """What a file says: a playbook, or the problems for which it is refused."""

    file: str
    playbook: Playbook | None
    problems: tuple[Problem, ...] = ()


def read_file(path: Path, told: str) -> Page:
    """The file as its page; `told` is what messages call it."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        return Page(told, None, (Problem(told, 1, error.strerror or str(error)),))
    return read(data, told, path.stem)


def read(data: bytes, file: str, stem: str) -> Page:
    """The text of a file; its playbook must be called as the file is (`stem`)."""
    problems = Problems(file)
    try:
        document = parse(data)
    except Refused as refused:
        problems.say(int(refused.place), refused.problem)
        return Page(file, None, problems.all())
    if document.more_at is not None:
        problems.say(document.more_at, "a second document: one file holds one playbook")
    top = fields(document.tree, FILE, 1, problems.say)
    playbook = _playbook(top, file)
    if playbook.name != stem:
        told = f"name: expected {stem!r} as the file is called, got {playbook.name[:60]!r}"
        problems.say(top.line_of("name"), told)
    for line, reason in faults.of(playbook, top.line_of):
        problems.say(line, reason)
    return Page(file, None if problems.fatal else playbook, problems.all())


def _playbook(top: Fields, file: str) -> Playbook:
    return Playbook(
        name=_name(top),
        title=_words(top, "title", needed=True),
        level=_one_of(Level, top, "level", Level.RED),
        file=file,
        recipes=_recipes(top),
        params=_parameters(top),
        blocked_when=_causes(top),
        changes=top.given("changes") is None or top.yes("changes"),
        cannot_undo=_words(top, "cannot_undo"),
        danger=_words(top, "danger"),
    )


def _name(top: Fields) -> str:
    name = top.text("name")
    if NAME.fullmatch(name) is None:
        told = f"name: expected small letters and -, such as perbaiki-dns, got {name[:60]!r}"
        top.say(top.line_of("name"), told)
    if name in TAKEN:
        top.say(top.line_of("name"), f"name: {name!r} is the name of a page")
    return name


def _words(found: Fields, name: str, needed: bool = False) -> Words:
    texts = found.texts(name)
    if not texts and not needed:
        return {}
    for language, (_, line) in texts.items():
        if language not in LANGUAGES:
            found.say(line, f"{name}: unknown language {language[:20]!r}; known are id, en")
    for language in LANGUAGES:
        if not texts.get(language, ("", 0))[0].strip():
            found.say(found.line_of(name), f"{name}.{language}: missing")
    return {language: text.strip() for language, (text, _) in texts.items()}


def _one_of(kind: type[E], found: Fields, name: str, other: E) -> E:
    text = found.text(name)
    try:
        return kind(text)
    except ValueError:
        told = f"{text[:60]!r} is none of {', '.join(kind)}" if text else "missing"
        found.say(found.line_of(name), f"{name}: {told}")
        return other


def _causes(top: Fields) -> tuple[str, ...]:
    causes = []
    for item in top.items("blocked_when"):
        text = item.text if isinstance(item, Scalar) else kind_of(item)
        if text in CAUSES:
            causes.append(text)
        else:
            told = f"blocked_when: {text[:60]!r} is none of {', '.join(CAUSES)}"
            top.say(item.line, told)
    return tuple(causes)


def _tables(top: Fields, name: str) -> Sequence[tuple[Scalar, Table | None]]:
    """The keys of a table of tables; what is no table is told."""
    tree = top.given(name)
    if tree is None:
        return ()
    if not isinstance(tree, Table):
        top.say(tree.line, f"{name}: expected a table, got {kind_of(tree)}")
        return ()
    found = []
    for key, value in tree.pairs:
        if not isinstance(value, Table):
            top.say(value.line, f"{name}.{key.text[:60]}: expected a table, got {kind_of(value)}")
        found.append((key, value if isinstance(value, Table) else None))
    return found


def _parameters(top: Fields) -> tuple[Parameter, ...]:
    return tuple(
        _parameter(key, table, top) for key, table in _tables(top, "params") if table is not None
    )


def _parameter(key: Scalar, table: Table, top: Fields) -> Parameter:
    def say(line: int, reason: str) -> None:
        top.say(line, f"params.{key.text[:60]}.{reason}")

    found = fields(table, PARAMETER, key.line, say)
    return Parameter(
        name=key.text,
        kind=_one_of(Kind, found, "type", Kind.IDENTIFIER),
        title=_words(found, "title", needed=True),
        line=key.line,
        default=None if found.given("default") is None else found.text("default"),
        choices=tuple(i.text for i in found.items("values") if isinstance(i, Scalar)),
        least=None if found.given("least") is None else found.whole("least"),
        most=None if found.given("most") is None else found.whole("most"),
    )


def _recipes(top: Fields) -> Mapping[Platform, Recipe]:
    recipes = {}
    for key, table in _tables(top, "platforms"):
        try:
            platform = Platform(key.text)
        except ValueError:
            told = f"platforms: {key.text[:60]!r} is none of {', '.join(Platform)}"
            top.say(key.line, told)
            continue
        if table is not None:
            recipes[platform] = read_recipe(table, f"platforms.{platform}", top.say)
    if not recipes:
        top.say(top.line_of("platforms"), "platforms: none is named")
    return recipes
