"""What is wrong with a file people wrote, each with its file and line; of rules, group and rule."""

from dataclasses import dataclass, field

from agent.strict import Refused
from collector.printable import on_one_line


@dataclass(frozen=True, slots=True)
class Problem:
    """`fatal`: the file is refused for it; else it is only said."""

    file: str
    line: int
    reason: str
    group: str = ""
    rule: str = ""
    fatal: bool = True

    @property
    def place(self) -> str:
        """FILE:LINE: group G, rule R; without what is not known."""
        named = [("group", self.group), ("rule", self.rule)]
        inside = ", ".join(f"{word} {on_one_line(name)}" for word, name in named if name)
        return f"{self.file}:{self.line}" + (f": {inside}" if inside else "")

    def __str__(self) -> str:
        return str(self.refused())

    def refused(self) -> Refused:
        return Refused(self.place, on_one_line(self.reason))


@dataclass(slots=True)
class Problems:
    """Gathers them while a file is read; `most` are kept, the rest only counted."""

    file: str
    most: int = 200
    found: list[Problem] = field(default_factory=list)
    left_out: int = 0

    def say(
        self, line: int, reason: str, group: str = "", rule: str = "", fatal: bool = True
    ) -> None:
        problem = Problem(self.file, line, reason, group, rule, fatal)
        if len(self.found) < self.most:
            self.found.append(problem)
        else:
            self.left_out += 1
            if fatal and not self.fatal:
                self.found[-1] = problem

    @property
    def fatal(self) -> bool:
        return any(problem.fatal for problem in self.found)

    def all(self) -> tuple[Problem, ...]:
        """In the order of the lines."""
        ordered = sorted(self.found, key=lambda problem: problem.line)
        if self.left_out:
            told = f"{self.left_out} more problems are not told"
            ordered.append(Problem(self.file, ordered[-1].line, told, fatal=self.fatal))
        return tuple(ordered)
