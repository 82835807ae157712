"""The playbooks of a centre: those that come with Ronda, and those of DATA/playbooks over them.

One of DATA/playbooks takes the place of ours of the same name. A file that cannot be used is left
out, with its problems; where it would have replaced one of ours, ours is left out as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.strict import Refused
from collector.yaml_files.problems import Problem
from playbooks.model import Playbook
from playbooks.reading import Page, read_file

PACK = Path(__file__).parent / "library"
FOLDER = "playbooks"
ENDINGS = (".yml", ".yaml")
MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Library:
    """Playbooks by name, in the order of their names."""

    playbooks: Mapping[str, Playbook]
    problems: tuple[Problem, ...] = ()

    def get(self, name: str) -> Playbook:
        """The playbook of this name; Refused says why there is none."""
        if name in self.playbooks:
            return self.playbooks[name]
        for problem in self.problems:
            if Path(problem.file).stem == name:
                raise problem.refused()
        raise Refused("playbook", f"there is none called {name[:60]!r}; see: ronda playbooks list")


def load(data: str) -> Library:
    """All playbooks of a centre, as its files are now."""
    pack = [read_file(path, f"playbooks/library/{path.name}") for path in _files(PACK)]
    found = _files(Path(data) / FOLDER)
    own = [read_file(path, f"{FOLDER}/{path.name}") for path in found[:MOST_FILES]]
    pages = {Path(page.file).stem: page for page in (*pack, *own)}
    problems = [problem for page in pages.values() for problem in page.problems]
    if len(found) > MOST_FILES:
        left = len(found) - MOST_FILES
        problems.append(Problem(FOLDER, 1, f"holds {left} files more than {MOST_FILES}"))
    return Library(_usable(pages), tuple(problems))


def read_given(path: str) -> Page:
    """A file somebody names, wherever it lies."""
    return read_file(Path(path), path)


def _usable(pages: Mapping[str, Page]) -> dict[str, Playbook]:
    found = {name: page.playbook for name, page in sorted(pages.items())}
    return {name: playbook for name, playbook in found.items() if playbook is not None}


def _files(folder: Path) -> list[Path]:
    """The files of a folder, by name; none where there is no folder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file()]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))
