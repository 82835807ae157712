"""kill -9 at every step of a delivery: no notice is lost, none comes twice without its number."""

import json
import os
import select
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alerts import notices
from alerts.notices import Draft
from collector.db import writing
from tests.alerts.village import NINE, Village, village

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
# where the process dies: these are all the steps between "row written" and "settled"
STEPS = (
    "due",
    "claim",
    "claimed",
    "sending",
    "taken",
    "settle",
    "settled",
    "handed on",
)
# each step at each person once; make soak does 200
ROUNDS = 24
PEOPLE = 3
# a round takes a second; what hangs is a fault, and leaves no process behind
LIMIT_S = 60

# For each line on its input one process that runs one round of the outbox, with a gateway that
# writes down what it takes, and dies at the named step of the named turn; its status goes out.
# Telegram blocks the second person, who has an SMS way. All are forked from one that has brought in
# the modules, which takes longer than a round.
_CHILDREN = """
import json, os, signal, sys
from contextlib import contextmanager
from alerts import delivery, notices, outbox
from alerts.channels import NotifyFailed
from alerts.channels.config import Line
from alerts.limits import Limits
from collector.db import open_store
from collector.settings import Settings

for words in sys.stdin:
    if not (child := os.fork()):
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()

folder, step, turn, now, log = json.loads(words)
left = [int(turn)]

def here(name):
    if name == step:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

def around(module, name, before=None, after=None):
    real = getattr(module, name)
    def wrapped(*args, **more):
        if before: here(before)
        done = real(*args, **more)
        if after: here(after)
        return done
    setattr(module, name, wrapped)

class Gateway:
    def __init__(self, name): self.name = name
    def send(self, target, message):
        here("sending")
        if target == "blocked":
            raise NotifyFailed("blocked", permanent=True)
        with open(log, "a") as file:
            file.write(f"{self.name} {target} {message['incident']}\\n")
            file.flush()
            os.fsync(file.fileno())
        here("taken")
        return "taken"

around(notices, "due", after="due")
around(notices, "claim", before="claim")
around(delivery, "take", after="claimed")
around(notices, "settle", before="settle")
around(delivery, "sent", after="settled")
around(notices, "hand_on", after="handed on")
lines = [Line(n, n, n, Gateway(n), Limits(at_once=1)) for n in ("telegram", "sms")]
box = outbox.Outbox(open_store(Settings(data=folder)), lines)
for later in range(6):
    box.send_due(float(now) + later)
    box.wait()
# not sys.exit: what is still in the input is its parent's
os._exit(0)
"""


Child = Callable[[str, int, float], int]


@contextmanager
def children(here: Village, log: Path) -> Iterator[Child]:
    """Runs one process for a step, a turn and a time, and returns how it ended."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILDREN],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdin is not None and parent.stdout is not None
        asked, told = parent.stdin, parent.stdout

        def child(step: str, turn: int, now: float) -> int:
            print(json.dumps([str(here.folder), step, turn, now, str(log)]), file=asked, flush=True)
            # it answers by one line, so nothing waits in the buffer
            answered, _, _ = select.select([told], [], [], LIMIT_S)
            assert answered, f"{step}, turn {turn}: no end within {LIMIT_S} s"
            status = int(told.readline())
            assert status in (0, -signal.SIGKILL)
            return status

        try:
            yield child
        except BaseException:
            os.killpg(parent.pid, signal.SIGKILL)
            raise


def write(here: Village, incident: int) -> None:
    drafts = []
    for number in range(PEOPLE):
        target = "blocked" if number == 1 else f"chat-{number}"
        body = json.dumps({"incident": incident, "news": "opened"})
        further = (("sms", f"phone-{number}"),)
        draft = Draft(incident, "opened", f"p{number}", "telegram", target, body, further)
        drafts.append(draft)
    with writing(here.store) as connection:
        notices.queue(connection, drafts, NINE + incident * 100)


def unanswered(here: Village, log: Path) -> int:
    """How many messages a gateway has of which the dead process wrote down no answer."""
    got = set(log.read_text().splitlines())
    claimed = [notice for notice in here.notices() if notice.state == "claimed"]
    return sum(f"{n.channel} {n.target} {n.incident}" in got for n in claimed)


def kill_rounds(folder: Path, rounds: int) -> dict[str, int]:
    """Kill the process at each step in turn, again and again; how often, and what came of it."""
    log, killed = folder / "gateway.log", Counter[str]()
    log.touch()
    doubtful = 0
    with village(folder) as here, children(here, log) as child:
        for incident in range(rounds):
            step, turn = STEPS[incident % len(STEPS)], incident // len(STEPS) % PEOPLE
            write(here, incident)
            now = NINE + incident * 100
            if child(step, turn, now) == -signal.SIGKILL:
                killed[step] += 1
                doubtful += unanswered(here, log)
                # the engine is started again and nothing dies
                assert child("none", 0, now + 30) == 0
        rows = here.notices()
    got = Counter(tuple(line.split()) for line in log.read_text().splitlines())
    wanted = {
        (channel, target, str(incident))
        for incident in range(rounds)
        for channel, target in (("telegram", "chat-0"), ("sms", "phone-1"), ("telegram", "chat-2"))
    }
    assert set(got) == wanted, "none is lost, and nobody else got one"
    assert set(killed) == set(STEPS)
    twice = sum(got.values()) - len(got)
    # what came twice came with the number of its incident, and only where its answer was lost
    assert twice == doubtful
    assert Counter(row.state for row in rows) == {"sent": 3 * rounds, "failed": rounds}
    return {"rounds": rounds, "kills": killed.total(), "notices": len(got), "twice": twice}


def test_no_kill_loses_a_notice_and_twice_is_only_where_nobody_answered(tmp_path: Path) -> None:
    figures = kill_rounds(tmp_path, ROUNDS)
    assert figures["kills"] >= 20
    assert figures["twice"] >= ROUNDS // len(STEPS)
