"""A notice is written down before it is sent, sent at least once, and given up in the end."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alerts import notices
from alerts.channels import NotifyFailed
from alerts.channels.config import plain
from alerts.delivery import MAX_ATTEMPTS, wait_s
from alerts.notices import Draft
from alerts.outbox import Outbox
from collector.db import reading, writing
from tests.alerts.village import NINE, Inbox, Village, village


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        yield made


def queue(here: Village, *targets: str, incident: int = 1, news: str = "opened") -> None:
    body = json.dumps({"incident": incident, "news": news})
    with writing(here.store) as connection:
        drafts = [Draft(incident, news, "sari", "webhook", target, body) for target in targets]
        notices.queue(connection, drafts, NINE)


def states(here: Village) -> list[str]:
    return [notice.state for notice in here.notices()]


def test_a_notice_is_claimed_before_it_is_sent(here: Village) -> None:
    seen: list[tuple[str, int]] = []

    class Looking(Inbox):
        def send(self, target: str, message: Mapping[str, Any]) -> str:
            (row,) = here.notices()
            seen.append((row.state, row.attempts))
            return super().send(target, message)

    here.inbox = Looking()
    here.floor()
    queue(here, "a")
    here.deliver(NINE)
    assert seen == [("claimed", 1)]
    (notice,) = here.notices()
    assert (notice.state, notice.answer) == ("sent", "taken")
    assert notice.sent_at == pytest.approx(NINE, abs=2)


def test_a_claim_of_a_dead_process_is_sent_again(here: Village) -> None:
    queue(here, "a")
    with writing(here.store) as connection:
        (row,) = notices.due(connection, "webhook", NINE, 10)
        assert notices.claim(connection, row) and not notices.claim(connection, row)
    here.floor()
    here.deliver(NINE + 1)
    assert len(here.inbox.got) == 1 and states(here) == ["sent"]


@pytest.mark.slow
def test_failures_are_tried_again_later_and_later(here: Village) -> None:
    here.inbox.answers += [NotifyFailed("503")] * 3
    queue(here, "a")
    now, tried = NINE, []
    while states(here) != ["sent"]:
        before = here.notices()[0].attempts
        here.deliver(now)
        if here.notices()[0].attempts > before:
            tried.append(now - NINE)
        now += 1.0
    assert tried == [0, *(pytest.approx(t, abs=3) for t in (5, 15, 35))]


def test_retry_after_is_obeyed(here: Village) -> None:
    here.inbox.answers.append(NotifyFailed("429", retry_after_s=120))
    queue(here, "a")
    here.deliver(NINE)
    here.deliver(NINE + 110)
    assert here.inbox.got == []
    here.deliver(NINE + 125)
    assert len(here.inbox.got) == 1


def test_a_permanent_failure_is_not_tried_again(here: Village) -> None:
    here.inbox.answers.append(NotifyFailed("404 no such hook", permanent=True))
    queue(here, "a")
    here.deliver(NINE)
    here.deliver(NINE + 10_000)
    (notice,) = here.notices()
    assert (notice.state, notice.attempts, notice.answer) == ("failed", 1, "404 no such hook")


@pytest.mark.slow
def test_attempts_are_bounded(here: Village) -> None:
    here.inbox.answers += [NotifyFailed("503")] * 50
    queue(here, "a")
    for turn in range(50):
        here.deliver(NINE + turn * 1000)
    (notice,) = here.notices()
    assert (notice.state, notice.attempts) == ("failed", MAX_ATTEMPTS)


@pytest.mark.parametrize(
    ("error", "traced"),
    [
        pytest.param(RuntimeError("a bug"), True, id="unforeseen"),
        pytest.param(OSError(errno.ENOSPC, "disk full"), False, id="of the machine"),
    ],
)
def test_trouble_leaves_the_claim_for_the_next_start_and_is_told(
    here: Village, error: Exception, traced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    here.inbox.answers.append(error)
    queue(here, "a")
    here.deliver(NINE)
    (told,) = [record for record in caplog.records if record.getMessage().startswith("notice 1")]
    assert bool(told.exc_info) is traced
    assert states(here) == ["claimed"]
    here.floor()
    here.deliver(NINE + 1)
    assert states(here) == ["sent"]


def test_an_unknown_channel_fails_for_good(here: Village) -> None:
    here.alerts = here.floor()
    with writing(here.store) as connection:
        notices.queue(connection, [Draft(1, "opened", "sari", "pigeon", "a", "{}")], NINE)
    here.deliver(NINE)
    (notice,) = here.notices()
    assert (notice.state, notice.answer) == ("failed", "no channel 'pigeon'")


def test_the_end_of_a_story_waits_for_its_beginning(here: Village) -> None:
    here.inbox.answers.append(NotifyFailed("503"))
    queue(here, "a")
    queue(here, "a", news="resolved")
    here.deliver(NINE)
    assert here.inbox.got == []
    here.deliver(NINE + 10)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]


@pytest.mark.slow
def test_what_citizens_hear_goes_out_behind_what_the_staff_is_told(here: Village) -> None:
    here.floor()
    queue(here, *(f"citizen{n}" for n in range(70)), incident=0, news=notices.CITIZEN)
    queue(here, "sari")
    with reading(here.store) as connection:
        first, second = notices.due(connection, "webhook", NINE, 2)
    assert (first.target, second.target) == ("sari", "citizen0")
    here.deliver(NINE)
    assert "sent" in [one.state for one in here.notices() if one.target == "sari"]


def test_an_address_in_trouble_is_asked_once_a_round(here: Village) -> None:
    here.inbox.answers.append(NotifyFailed("no answer in time"))
    for incident in range(5):
        queue(here, "a", incident=incident)
    here.deliver(NINE)
    assert [notice.attempts for notice in here.notices()] == [1, 0, 0, 0, 0]
    here.deliver(NINE + 10)
    assert states(here) == ["sent"] * 5
    assert here.inbox.news[-1] == (0, "opened"), "what failed stands behind what was not tried"


def test_a_slow_address_holds_up_nobody_else(here: Village) -> None:
    slow, release, others = threading.Event(), threading.Event(), threading.Event()

    class Slow(Inbox):
        def send(self, target: str, message: Mapping[str, Any]) -> str:
            if target == "slow":
                slow.set()
                release.wait(10)
            else:
                others.set()
            return super().send(target, message)

    outbox = Outbox(here.store, plain({"webhook": Slow()}))
    queue(here, "slow", "quick")
    assert outbox.send_due(NINE) == 2
    assert others.wait(5) and slow.wait(5)
    queue(here, "slow", "quick", incident=2)
    outbox.send_due(NINE + 1)
    assert "claimed" in states(here), "the slow one is still at it"
    release.set()
    outbox.wait()
    while outbox.send_due(NINE + 1):
        outbox.wait()
    outbox.close()
    assert states(here) == ["sent"] * 4


@pytest.mark.parametrize(
    ("attempts", "retry_after_s", "expected"),
    [(1, None, 5), (2, None, 10), (8, None, 640), (9, None, 900), (20, None, 900), (1, 60, 60)],
)
def test_waits_double_up_to_a_quarter_hour(
    attempts: int, retry_after_s: float | None, expected: float
) -> None:
    assert wait_s(attempts, retry_after_s) == expected


_DYING = """
import os, signal, sys
from alerts.channels.config import plain
from alerts.outbox import Outbox
from collector.db import open_store
from collector.settings import Settings

class Channel:
    def send(self, target, message):
        if sys.argv[2] == "after":
            with open(sys.argv[3], "a") as file:
                file.write(str(message["notice"]) + "\\n")
        os.kill(os.getpid(), signal.SIGKILL)

settings = Settings(data=sys.argv[1], database_url=sys.argv[5])
outbox = Outbox(open_store(settings), plain({"webhook": Channel()}))
outbox.send_due(float(sys.argv[4]))
outbox.wait()
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_between_claimed_and_sent_loses_nothing(here: Village, moment: str) -> None:
    log = here.folder / "gateway"
    queue(here, "a")
    command = [sys.executable, "-c", _DYING, str(here.folder), moment, str(log), str(NINE)]
    command.append(here.settings.database_url)
    root = Path(__file__).parent.parent.parent
    died = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, timeout=30
    )
    assert died.returncode == -signal.SIGKILL
    assert states(here) == ["claimed"]
    here.floor()
    here.deliver(NINE + 1)
    (notice,) = here.notices()
    assert (notice.state, notice.attempts) == ("sent", 2)
    # what the gateway got twice it knows by its number
    assert here.inbox.got[0][1]["notice"] == notice.id
    assert not log.exists() or log.read_text() == f"{notice.id}\n"


def test_rows_older_than_a_restore_are_skipped_and_counted(here: Village) -> None:
    queue(here, "a", "b")
    with writing(here.store) as connection:
        assert notices.skip_older(connection, NINE + 1, "old") == 2
    with reading(here.store) as connection:
        assert notices.due(connection, "webhook", NINE + 1, 10) == []
