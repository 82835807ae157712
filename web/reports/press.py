"""Makes editions beside the console: one at a time, each in a process of its own, within limits."""

import os
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from collector import errand
from collector.settings import Settings
from web.reports.editions import Wanted

# so many wait at most; who asks for one more is told to come again
MOST_WAITING = 8
LIMIT_S = 600.0
# why one was not made is told for a while
MOST_FAILED = 50
_PASSED_ON = (*errand.CENTRE, "handled_within_s")


@dataclass(frozen=True, slots=True)
class Job:
    """How far one is: the part of the work, how many of how many; `failed`: why it was not made."""

    part: str = "waiting"
    done: int = 0
    of: int = 0
    failed: str = ""


class Press:
    """`ask` puts one behind the others; `job` tells of it."""

    def __init__(self, settings: Settings, command: Sequence[str] = errand.RONDA) -> None:
        self._settings, self._command = settings, command
        self._lock = threading.Lock()
        self._waiting: OrderedDict[Wanted, Job] = OrderedDict()
        self._failed: OrderedDict[Wanted, Job] = OrderedDict()
        self._working = False

    def ask(self, wanted: Wanted) -> bool:
        """Have it made; False: too many wait."""
        with self._lock:
            self._failed.pop(wanted, None)
            if wanted in self._waiting:
                return True
            if len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting[wanted] = Job()
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="press", daemon=True).start()
            return True

    def job(self, wanted: Wanted) -> Job | None:
        """How far it is, or why it failed; None: nobody asked, or it is made."""
        with self._lock:
            return self._waiting.get(wanted) or self._failed.get(wanted)

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            why = self._make(wanted)
            with self._lock:
                self._waiting.pop(wanted, None)
                if why:
                    self._failed[wanted] = Job(failed=why)
                    while len(self._failed) > MOST_FAILED:
                        self._failed.popitem(last=False)

    def _next(self) -> Wanted | None:
        with self._lock:
            found = next(iter(self._waiting), None)
            self._working = found is not None
            return found

    def _make(self, wanted: Wanted) -> str:
        """Run it; why it failed, or nothing."""
        words = ["report", "make", "--month", wanted.month, "--language", wanted.language]
        words += ["--area", wanted.area, f"--isp={wanted.isp}"]
        try:
            process, ours = errand.begin(
                [*self._command, *words], self._settings, _PASSED_ON, subprocess.PIPE
            )
        except OSError as error:
            return f"cannot be begun: {error.strerror}"
        late = threading.Timer(LIMIT_S, lambda: _kill(process))
        late.start()
        try:
            last = self._follow(wanted, process)
            code = process.wait()
        finally:
            late.cancel()
            os.close(ours)
        if code < 0:
            return f"took longer than {LIMIT_S:.0f} s, or was stopped"
        return "" if code == 0 else last or f"status {code}"

    def _follow(self, wanted: Wanted, process: "subprocess.Popen[bytes]") -> str:
        last = ""
        assert process.stderr is not None
        with process.stderr as said:
            for text in said:
                line = text.decode(errors="replace")
                if (job := read(line)) is None:
                    last = line.strip()[:300] or last
                else:
                    with self._lock:
                        self._waiting[wanted] = job
        return last.removeprefix("ronda: ")


def read(line: str) -> Job | None:
    """`villages 120/300` as a job; None: it says something else. Pure."""
    part, _, counts = line.strip().partition(" ")
    done, _, of = counts.partition("/")
    if not (part.isalpha() and done.isdigit() and of.isdigit()):
        return None
    return Job(part, int(done), int(of))


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
