"""The rules that a centre runs: those that come with Ronda, and those of DATA/rules over them.

An alert of DATA/rules takes the place of ours of the same name. A file that cannot be used is left
out, with its problems, and the others run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from alerts.rules.reading import Page, read_file
from alerts.rules.rule import Group, Rule, RuleSet
from collector.yaml_files.problems import Problem

PACK = Path(__file__).parent
FOLDER = "rules"
ENDINGS = (".yml", ".yaml")
MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """`replaced`: alerts of ours whose place one of DATA/rules has taken."""

    rules: RuleSet
    problems: tuple[Problem, ...] = ()
    replaced: tuple[Rule, ...] = ()


def folder_of(data: str) -> Path:
    """Where a centre keeps its own rules."""
    return Path(data) / FOLDER


def load(data: str) -> Loaded:
    """All rules of a centre, as its files are now."""
    pack = [read_file(path, pack_name(path)) for path in files(PACK)]
    own = [read_file(path, own_name(path)) for path in files(folder_of(data))]
    return together(pack, own)


def files(folder: Path) -> list[Path]:
    """The rule files of a folder, by name; none where there is no folder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file()]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def pack_name(path: Path) -> str:
    """How messages call a file of ours."""
    return f"alerts/rules/{path.name}"


def own_name(path: Path) -> str:
    return f"{FOLDER}/{path.name}"


def together(pack: Sequence[Page], own: Sequence[Page]) -> Loaded:
    """The pages as one set of rules."""
    problems = [problem for page in (*pack, *own) for problem in page.problems]
    taken = {rule.name for page in own for rule in page.rules if not rule.record}
    ours = [group for page in pack for group in page.groups]
    replaced = [rule for group in ours for rule in group.rules if _is(rule, taken)]
    kept = [_without(group, taken) for group in ours]
    theirs = [group for page in own for group in page.groups]
    groups = [group for group in (*kept, *theirs) if group.rules]
    problems += _repeated(theirs)
    return Loaded(RuleSet(tuple(groups)), tuple(problems), tuple(replaced))


def _is(rule: Rule, names: Iterable[str]) -> bool:
    return not rule.record and rule.name in names


def _without(group: Group, names: set[str]) -> Group:
    return replace(group, rules=tuple(rule for rule in group.rules if not _is(rule, names)))


def _repeated(groups: Sequence[Group]) -> list[Problem]:
    """Alerts of one name with the same labels in two files: their alarms look the same."""
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], Rule] = {}
    found = []
    for rule in (rule for group in groups for rule in group.rules):
        key = (rule.name, tuple(sorted(rule.labels.items())))
        first = seen.setdefault(key, rule)
        if first.file != rule.file:
            told = f"the same name and labels as in {first.file}:{first.line}"
            found.append(Problem(rule.file, rule.line, told, rule.group, rule.name, fatal=False))
    return found
