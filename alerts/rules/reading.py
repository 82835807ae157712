"""A rule file as groups, or everything that is wrong with it.

Accepted is what Prometheus 3 accepts. What only Ronda cares about (its severities, subjects,
message templates) is said, and the file used all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.strict import Refused
from alerts.rules import templating
from alerts.rules.rule import SEVERITIES, SUBJECTS, Group, Rule
from alerts.words import LANGUAGES, words
from collector.promql.plan import Node, plan
from collector.promql.query import kind_of
from collector.yaml_files.fields import Fields, fields
from collector.yaml_files.problems import Problem, Problems
from collector.yaml_files.tree import LARGEST_BYTES, Document, Scalar, Table, Tree, parse

FILE = ("groups",)
GROUP = ("name", "interval", "query_offset", "limit", "labels", "rules")
RULE = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_ONE_WORD = re.compile(r"[a-z][a-z0-9_]*")
_PLAYBOOK = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Texts = dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a file says; of one with a fatal problem no group is used."""

    file: str
    groups: tuple[Group, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def refused(self) -> bool:
        return any(problem.fatal for problem in self.problems)

    @property
    def rules(self) -> list[Rule]:
        return [rule for group in self.groups for rule in group.rules]


def read_file(path: Path, name: str = "") -> Page:
    """The file as its page; `name` is what messages call it."""
    told = name or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        return Page(told, problems=(Problem(told, 1, error.strerror or str(error)),))
    return read(data, told)


def read(data: bytes, file: str) -> Page:
    """The text of a rule file as its page."""
    problems = Problems(file)
    try:
        document = parse(data)
    except Refused as refused:
        problems.say(int(refused.place), refused.problem)
        return Page(file, problems=problems.all())
    groups = _File(problems).groups(document)
    _say_repeated(groups, problems)
    return Page(file, () if problems.fatal else tuple(groups), problems.all())


class _File:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._names: set[str] = set()

    def groups(self, document: Document) -> list[Group]:
        if document.more_at is not None:
            told = "a second document, which is not read: put its groups into the first"
            self._problems.say(document.more_at, told, fatal=False)
        top = fields(document.tree, FILE, 1, self._problems.say)
        return [self._group(tree) for tree in top.items("groups")]

    def _group(self, tree: Tree) -> Group:
        name = _name_of(tree, "name")
        say = partial(self._problems.say, group=name)
        found = fields(tree, GROUP, tree.line, say)
        name = found.text("name")
        if not name:
            say(found.line_of("name"), "a group needs a name")
        elif name in self._names:
            say(found.line_of("name"), "the name of the group stands twice in this file")
        self._names.add(name)
        labels = _labels(found)
        interval, offset = found.span_ms("interval"), found.span_ms("query_offset")
        shared = {label: text for label, (text, _) in labels.items()}
        rules = [
            _RuleReader(self._problems, name, place).rule(inner, shared)
            for place, inner in enumerate(found.items("rules"), 1)
        ]
        limit = found.whole("limit")
        every = interval / 1000 if interval else None
        kept = tuple(rule for rule in rules if rule is not None)
        return Group(name, self._problems.file, kept, every, limit, (offset or 0) / 1000)


class _RuleReader:
    """Reads one rule; its problems carry its name, or its number where it has none."""

    def __init__(self, problems: Problems, group: str, place: int) -> None:
        self._problems = problems
        self._group = group
        self._name = f"{place}"

    def say(self, line: int, reason: str, fatal: bool = True) -> None:
        self._problems.say(line, reason, self._group, self._name, fatal)

    def rule(self, tree: Tree, shared: Mapping[str, str]) -> Rule | None:
        """None where something is wrong with it."""
        self._name = _name_of(tree, "alert") or _name_of(tree, "record") or self._name
        found = fields(tree, RULE, tree.line, self.say)
        record, alert = found.text("record"), found.text("alert")
        if bool(record) == bool(alert):
            both = "only one of record and alert may be set"
            self.say(found.line, both if record else "one of record and alert must be set")
        node = self._expr(found)
        for_ms, keep_ms = found.span_ms("for"), found.span_ms("keep_firing_for")
        labels, annotations = _labels(found), found.texts("annotations")
        if record:
            self._recording(found, record, for_ms, keep_ms, annotations)
        self._annotated(annotations)
        if alert:
            self._templates("label", labels)
            self._templates("annotation", annotations)
            self._ours(labels, annotations)
        if node is None:
            return None
        return Rule(
            alert or record,
            found.text("expr"),
            node,
            self._group,
            self._problems.file,
            found.line,
            bool(record),
            (for_ms or 0) / 1000,
            (keep_ms or 0) / 1000,
            {**shared, **{name: text for name, (text, _) in labels.items()}},
            {name: text for name, (text, _) in annotations.items()},
        )

    def _expr(self, found: Fields) -> Node | None:
        text = found.text("expr")
        line = found.line_of("expr")
        if not text:
            self.say(line, "expr must be set")
            return None
        try:
            node = plan(text)
        except Refused as refused:
            self.say(line, f"expr: {refused.problem}")
            return None
        if (kind := kind_of(node)) in ("string", "range vector"):
            self.say(line, f"expr: a {kind} is nothing that a rule can be", fatal=False)
        return node

    def _recording(
        self, found: Fields, name: str, for_ms: int | None, keep_ms: int | None, notes: Texts
    ) -> None:
        """What a recording rule may not have."""
        wrong = {"for": for_ms, "keep_firing_for": keep_ms, "annotations": notes}
        for field, value in wrong.items():
            if value:
                self.say(found.line_of(field), f"{field} has no place in a recording rule")
        if "{" in name or "}" in name:
            told = f"braces in the name of a recording rule: does {name!r} belong into expr?"
            self.say(found.line_of("record"), told)

    def _annotated(self, annotations: Texts) -> None:
        for name, (_, line) in annotations.items():
            if not name:
                self.say(line, "an annotation needs a name")

    def _templates(self, what: str, texts: Texts) -> None:
        for name, (text, line) in texts.items():
            try:
                templating.check(text)
            except Refused as refused:
                self.say(line, f"{what} {name}: {refused.problem}")
                continue
            if doubt := templating.doubts(text):
                self.say(line, f"{what} {name}: {doubt}", fatal=False)

    def _ours(self, labels: Texts, annotations: Texts) -> None:
        """Words that Ronda reads and others do not know."""
        for name, known, instead in (
            ("severity", SEVERITIES, "warning"),
            ("subject", SUBJECTS, "service"),
        ):
            text, line = labels.get(name, (known[0], 0))
            if text not in known and "{{" not in text:
                told = f"{text[:40]!r} is not one of {', '.join(known)}; taken as {instead}"
                self.say(line, f"label {name}: {told}", fatal=False)
        text, line = annotations.get("message", ("", 0))
        if _ONE_WORD.fullmatch(text) and text not in words(LANGUAGES[0]).templates:
            told = f"there is no message template {text!r}; it is told as it stands"
            self.say(line, f"annotation message: {told}", fatal=False)
        text, line = annotations.get("playbook", ("", 0))
        if text and "{{" not in text and not _PLAYBOOK.fullmatch(text):
            told = f"{text[:60]!r} is no name of a playbook, such as perbaiki-dns"
            self.say(line, f"annotation playbook: {told}", fatal=False)


def _labels(found: Fields) -> Texts:
    """The labels of a group or rule; names that no label can have are told."""
    labels = found.texts("labels")
    for name, (_, line) in labels.items():
        if not name or name == "__name__":
            found.say(line, f"labels: {name!r} is no name that a rule may give")
    return labels


def _name_of(tree: Tree, key: str) -> str:
    """A name, before the rest of its table is read."""
    pairs = tree.pairs if isinstance(tree, Table) else ()
    found = (value for name, value in pairs if name.text == key)
    value = next(found, None)
    return value.text if isinstance(value, Scalar) and not value.null else ""


def _say_repeated(groups: list[Group], problems: Problems) -> None:
    """Rules of one name and the same labels make the same series."""
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    for group in groups:
        for rule in group.rules:
            key = (rule.name, tuple(sorted(rule.labels.items())))
            if key in seen:
                told = f"the same name and labels as the rule of line {seen[key]}"
                problems.say(rule.line, told, group.name, rule.name, fatal=False)
            seen.setdefault(key, rule.line)
