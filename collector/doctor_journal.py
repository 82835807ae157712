"""How is the journal, and is what it answered for really on disks?"""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any
from urllib.request import ProxyHandler, build_opener

from agent.strict import Refused
from collector.finding import Finding
from collector.journal.files import FileReader
from collector.journal.framing import Record
from collector.journal.opening import open_reader, open_standing
from collector.journal.protocol import JournalFailed
from collector.journal.segments import list_segments
from collector.journal.standing import Standing
from collector.settings import Settings

_ANSWER_S = 3.0
_MOST_BYTES = 1 << 20
_START = "start the centre once: ronda up"
_ALWAYS = "sync_interval: always, in the jetstream block of each server (2.10 or newer)"

Ask = Callable[[str], dict[str, Any]]


def tail(settings: Settings) -> list[Record]:
    """The newest records; [] where there are none or the journal is away."""
    try:
        reader = open_reader(settings)
    except Refused:
        return []
    try:
        return reader.newest()
    except JournalFailed:
        return []
    finally:
        reader.close()


def waiting(settings: Settings, position: int) -> str:
    """How much is behind `position`, in words."""
    reader = open_reader(settings)
    try:
        return reader.waiting(position)
    except JournalFailed:
        return "nobody knows how much"
    finally:
        reader.close()


def findings(settings: Settings) -> Iterator[Finding]:
    if settings.journal:
        yield from _of_stream(settings)
    elif not settings.journal_folder.is_dir():
        yield Finding("journal", "not begun", _START)
    else:
        yield _of_files(settings)


def _of_files(settings: Settings) -> Finding:
    segments = list_segments(settings.journal_folder)
    held = sum(segment.stop - segment.start for segment in segments)
    end = FileReader(settings.journal_folder).end
    torn = max(0, segments[-1].stop - end) if segments else 0
    words = f"{len(segments)} segments, {held / (1 << 20):.1f} MiB, end {end}"
    # behind the durable end lies what a crash cut short, and for a moment what is being written
    return Finding("journal", f"{words}, {torn} torn bytes" if torn else words)


def _of_stream(settings: Settings) -> Iterator[Finding]:
    try:
        standing = open_standing(settings)
    except (JournalFailed, Refused) as error:
        yield Finding(
            "journal", str(error), "see whether the servers of NATS run, and RONDA_JOURNAL"
        )
        return
    if standing is None:
        yield Finding("journal", "no stream yet", _START)
        return
    words = f"stream {standing.name}, {standing.messages} messages, "
    words += f"{standing.bytes / (1 << 20):.1f} MiB, end {standing.end}"
    if standing.behind:
        behind = f"{words}; not in step: {', '.join(standing.behind)}"
        yield Finding("journal", behind, "start these servers; with one more away nothing is kept")
    else:
        yield Finding("journal", words)
    yield durable(standing, settings.journal_monitor)


def durable(standing: Standing, monitors: tuple[str, ...], ask: Ask | None = None) -> Finding:
    """Does a record survive the loss of a machine, and a power cut of all? Only what was seen of
    every server counts: JetStream's answer says that it is kept, not where."""
    if standing.replicas < 3:
        words = f"not durable: on {standing.replicas} server; a disk that breaks takes it along"
        return Finding("durable", words, "three servers and RONDA_JOURNAL_REPLICAS=3")
    if not standing.on_disk:
        return Finding("durable", "not durable: the stream is in memory", "make it anew on disk")
    seen, problems = _syncing(monitors, ask or _varz)
    for name in standing.servers:
        if name not in seen:
            problems.append(f"{name} was not seen")
        elif not seen[name]:
            problems.append(f"{name} answers before its disk has it")
    if problems:
        words = f"not known to be durable: {'; '.join(problems)}"
        return Finding("durable", words, f"{_ALWAYS}; RONDA_JOURNAL_MONITOR names all of them")
    words = f"each record is on the disks of most of {standing.replicas} servers before the answer"
    return Finding("durable", words)


def _syncing(monitors: tuple[str, ...], ask: Ask) -> tuple[dict[str, bool], list[str]]:
    """Of each server that tells: does it wait for its disk?"""
    seen: dict[str, bool] = {}
    problems = []
    for url in monitors:
        try:
            told = ask(url)
            config = told["jetstream"]["config"]
            seen[str(told["server_name"])] = config.get("sync_always") is True
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"{url}: {error or type(error).__name__}")
    return seen, problems


def _varz(url: str) -> dict[str, Any]:
    # the machines are ours: no proxy stands between
    with build_opener(ProxyHandler({})).open(url.rstrip("/") + "/varz", timeout=_ANSWER_S) as page:
        told: dict[str, Any] = json.loads(page.read(_MOST_BYTES))
        return told
