"""The net on a device with a shell: a folder that outlives a restart; a file's name is the state.

Whoever renames `armed` first, to `undoing` or to `disarmed`, has won; the script `net.sh` does it.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from playbooks.model import Command

WORKS = "ronda-guard works"
# a command of the undo is given up after so long, so that the next ones get their turn
STEP_LIMIT_S = 120
FIRE_LIMIT_S = 600
# dropbear takes commands of up to 9000 characters
_MOST = 7_000
_SCRIPT = resources.files(__package__).joinpath("net.sh").read_text("utf-8")
_EMPTY = """
umask 077
mkdir -p @DIR@ && chmod 700 @BASE@ @DIR@ && cd @DIR@ || exit 1
for state in armed again undoing; do
  [ ! -e "$state" ] || { echo "a net of run @RUN@ is out already"; exit 1; }
done
@STOP@
rm -rf net undo.* undone failed disarmed log @LIVE@.*
"""
_CLEAR = """
cd / || exit 1
for state in armed again undoing; do
  [ ! -e "@DIR@/$state" ] || { echo "ronda-guard $state"; exit 1; }
done
@STOP@
@UNBOOT@
rm -rf @DIR@ @LIVE@.*
rmdir @BASE@ 2>/dev/null
sync
echo "ronda-guard absent"
"""
# the end of the proof that a timer of one second ran: it leaves $mark
TIMER_RAN = """for second in 1 2 3 4 5 6 7 8 9 10; do
  [ ! -e "$mark" ] || break
  sleep 1
done
[ -e "$mark" ] || { echo "a timer of one second did not run within ten"; exit 1; }
rm -f "$mark"
echo "ronda-guard works"
"""
# only what is ours: the number may belong to somebody else by now
STOP_TIMER = """
timer=$(cat @LIVE@.timer 2>/dev/null) && grep -qs @DIR@/net "/proc/${timer% *}/cmdline" &&
  kill -9 $timer 2>/dev/null
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """A platform with a shell. Texts hold @RUN@, @BASE@ (the folder of all nets), @DIR@ (of this
    one), @LIVE@ (how files begin that go with the power).

    `functions`: for the script: `timer SECONDS`, `detached VERB` and `last_resort`, which runs when
    a command of the undo has failed. `boot`, `unboot`: lay and take away what starts the script
    after a restart. `stop`: ends the timer. `proofs`: each prints WORKS, or why not and fails.
    """

    base: str
    functions: str
    boot: str
    unboot: str
    stop: str
    proofs: tuple[str, ...]

    def folder(self, run: int) -> str:
        return f"{self.base}/{run}"

    def prepare(self, run: int) -> Sequence[Command]:
        return [self._command(run, "umask 077; mkdir -p @DIR@ && chmod 700 @BASE@ @DIR@")]

    def prove(self, run: int) -> Sequence[Command]:
        return [self._command(run, text, expect=f"(?m)^{WORKS}$") for text in self.proofs]

    def arm(self, run: int, undo: Sequence[str], after_s: int) -> Sequence[Command]:
        files = [("net", self._filled(run, _SCRIPT))]
        files += [(f"undo.{number:03}", text) for number, text in enumerate(undo, 1)]
        lines = _grouped(f"printf '%s\\n' {shlex.quote(text)} >{name}" for name, text in files)
        return [
            self._command(run, _EMPTY),
            # what is written may hold anything, also what looks like a place
            *(Command(f"umask 077; cd {self.folder(run)} || exit 1\n{text}", 0) for text in lines),
            self._command(run, self.boot),
            self._command(run, f"sh @DIR@/net arm {after_s}", expect="(?m)^ronda-guard armed$"),
        ]

    def disarm(self, run: int) -> Command:
        return self._asked(run, "disarm")

    def fire(self, run: int) -> Command:
        return self._asked(run, "fire", limit_s=FIRE_LIMIT_S + 60.0)

    def read(self, run: int) -> Command:
        return self._asked(run, "read")

    def clear(self, run: int) -> Command:
        return self._command(run, _CLEAR)

    def _asked(self, run: int, verb: str, limit_s: float = 60.0) -> Command:
        text = f"if [ -f @DIR@/net ]; then sh @DIR@/net {verb}; else echo ronda-guard absent; fi"
        return self._command(run, text, limit_s=limit_s)

    def _command(self, run: int, text: str, expect: str = "", limit_s: float = 60.0) -> Command:
        return Command(self._filled(run, text), 0, expect=expect, limit_s=limit_s)

    def _filled(self, run: int, text: str) -> str:
        places = {
            "@FUNCTIONS@": self.functions,
            "@STOP@": self.stop,
            "@UNBOOT@": self.unboot,
            "@DIR@": self.folder(run),
            "@BASE@": self.base,
            "@LIVE@": f"/var/run/ronda-guard-{run}",
            "@LIMIT@": str(STEP_LIMIT_S),
            "@LONGEST@": str(FIRE_LIMIT_S),
            "@RUN@": str(run),
        }
        for place, what in places.items():
            text = text.replace(place, what.strip())
        return text.strip()


def _grouped(lines: Iterator[str]) -> Iterator[str]:
    """The lines in as few commands as a device takes; a line is never cut."""
    group = ""
    for line in lines:
        if group and len(group) + len(line) > _MOST:
            yield group
            group = ""
        group += f"{line} || exit 1\n"
    yield group
