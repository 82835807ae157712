"""The parent of the centre's processes: starts them, restarts what dies, ends them together."""

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collector.lifeline import VARIABLE

FIRST_BACK_OFF_S = 0.2
LONGEST_BACK_OFF_S = 10.0
# a child that lived this long was well: it starts again at once, one that did not waits longer
STEADY_S = 5.0
LOOK_EVERY_S = 0.05
# glibc gives each thread an arena of its own and keeps in it what a heavy query took
MEMORY = {"MALLOC_ARENA_MAX": "2"}
# what one answer frees the next one takes: given back in between, each page of it costs a fault
ROOMY = {"MALLOC_TRIM_THRESHOLD_": str(8 << 20), "MALLOC_MMAP_THRESHOLD_": str(4 << 20)}
TERM_LIMIT_S = 8.0
READY_LIMIT_S = 60.0


@dataclass
class Child:
    """One process to keep running; `order` is when it is ended: small numbers first."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    order: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    back_off_s: float = 0.0
    restart_at: float = 0.0
    # its pid file tells of this process
    noted: bool = False


class Supervisor:
    """Keeps `children` running until `stop` is set; pid files in DATA/run name them."""

    def __init__(self, folder: Path, children: Sequence[Child]) -> None:
        self._folder = folder / "run"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._children = list(children)
        self._reading, self._writing = os.pipe()
        os.set_inheritable(self._reading, True)
        self.stop = threading.Event()

    def start(self) -> None:
        for child in self._children:
            self._spawn(child)

    def watch(self) -> None:
        """Restart what ends, until `stop` is set; then end all and return."""
        while not self.stop.wait(LOOK_EVERY_S):
            for child in self._children:
                self._look_after(child, time.monotonic())
        self._end_all()

    def add(self, child: Child) -> None:
        if self.stop.is_set():
            return
        self._children.append(child)
        self._spawn(child)

    def finish(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str] | None:
        """A command that ends by itself, with what it wrote; None when `stop` ended it first."""
        with subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            while not self.stop.is_set():
                try:
                    said, complained = process.communicate(timeout=LOOK_EVERY_S)
                except subprocess.TimeoutExpired:
                    continue
                return subprocess.CompletedProcess(command, process.returncode, said, complained)
            process.kill()
        return None

    def _spawn(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            env={**MEMORY, **os.environ, **child.environment, VARIABLE: str(self._reading)},
            pass_fds=(self._reading,),
            stdin=subprocess.DEVNULL,
            # Ctrl-C reaches only the parent, which ends the children in their order
            start_new_session=True,
        )
        child.started = time.monotonic()
        child.restart_at = 0.0
        self._note(child, child.process.pid)

    def _note(self, child: Child, pid: int) -> None:
        # a full disk must not end the centre that waits for room on it: tried again at each look
        child.noted = False
        with contextlib.suppress(OSError):
            # in one move: whoever reads it finds a number, the old one or the new
            fresh = self._folder / f"{child.name}.pid.new"
            fresh.write_text(f"{pid}\n")
            fresh.rename(self._folder / f"{child.name}.pid")
            child.noted = True

    def _look_after(self, child: Child, now: float) -> None:
        if child.process is None:
            return
        if child.process.poll() is None:
            if not child.noted:
                self._note(child, child.process.pid)
        elif child.restart_at == 0.0:
            code = child.process.returncode
            child.back_off_s = next_back_off_s(child.back_off_s, now - child.started)
            child.restart_at = now + child.back_off_s
            say(f"{child.name} ended ({_how(code)}), starting again in {child.back_off_s:.1f} s")
        elif now >= child.restart_at:
            self._again(child, now)

    def _again(self, child: Child, now: float) -> None:
        try:
            self._spawn(child)
        except OSError as error:
            # too little memory for one more process: the others go on, and it is tried again
            child.back_off_s = next_back_off_s(child.back_off_s, 0.0)
            child.restart_at = now + child.back_off_s
            wait = f"again in {child.back_off_s:.1f} s"
            say(f"{child.name} cannot be started ({error.strerror}), {wait}")

    def _end_all(self) -> None:
        for order in sorted({child.order for child in self._children}):
            group = [c for c in self._children if c.order == order and c.process is not None]
            for child in group:
                _signal(child, signal.SIGTERM)
            deadline = time.monotonic() + TERM_LIMIT_S
            for child in group:
                _wait(child, deadline)
                with contextlib.suppress(OSError):
                    (self._folder / f"{child.name}.pid").unlink(missing_ok=True)
        os.close(self._writing)
        os.close(self._reading)


def wait_until_served(addresses: Sequence[str], stop: threading.Event) -> bool:
    """True when all our own addresses answer; False when asked to stop or after a minute."""
    deadline = time.monotonic() + READY_LIMIT_S
    waiting = list(addresses)
    context = _any_certificate()
    while waiting and not stop.is_set():
        if time.monotonic() > deadline:
            say(f"ronda: not ready after {READY_LIMIT_S:.0f} s: {waiting}")
            return False
        waiting = [address for address in waiting if not _serves(address, context)]
        stop.wait(0.05)
    return not stop.is_set()


def _any_certificate() -> ssl.SSLContext:
    # our own listener on this machine, asked only whether it is there; authorities that nobody
    # looks at would be read in again at each look
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _serves(address: str, context: ssl.SSLContext) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2, context=context) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def next_back_off_s(last_s: float, lived_s: float) -> float:
    """How long to wait before starting again what lived `lived_s` after waiting `last_s`."""
    if lived_s > STEADY_S:
        return 0.0
    return min(max(last_s * 2, FIRST_BACK_OFF_S), LONGEST_BACK_OFF_S)


def say(text: str) -> None:
    """One line for whoever watches the terminal or the service's log."""
    print(text, file=sys.stderr, flush=True)


def _signal(child: Child, number: int) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.send_signal(number)


def _wait(child: Child, deadline: float) -> None:
    if child.process is None:
        return
    try:
        child.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        say(f"{child.name} did not end in {TERM_LIMIT_S:.0f} s and is killed")
        child.process.kill()
        child.process.wait()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
