"""What is wrong with this centre, and what to do about it: one finding a question."""

import errno
import json
import os
import resource
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from collector import (
    db,
    doctor_address,
    doctor_alertmanager,
    doctor_backup,
    doctor_clear,
    doctor_clock,
    doctor_console,
    doctor_contacts,
    doctor_engine,
    doctor_evidence,
    doctor_journal,
    doctor_lease,
    doctor_outward,
    doctor_parent,
    doctor_people,
    doctor_secrets,
    doctor_window,
    restored,
    secret,
)
from collector.doctor_agents import beacons, byte_use, capacity, enrolled, outside, services
from collector.finding import Finding, few
from collector.intake import fickle
from collector.intake.watch import fold_position
from collector.inventory import serials
from collector.journal.framing import Record
from collector.retention import over_budget
from collector.series.shelf import MOST_BYTES
from collector.series.thinning import oldest
from collector.settings import Settings
from collector.unfinished import UNFINISHED

LEAST_FREE_BYTES = 1 << 30
LEAST_FREE_RATIO = 0.05
LEAST_FILES = 1024
LONGEST_LAG_S = 30.0
_DYING = "a dying disk turns read-only: see dmesg"
_RESTORE = "bring it back from a backup"


def examine(
    settings: Settings, now: float, acts: Callable[[], Finding] | None = None
) -> list[Finding]:
    """Look at everything, change nothing. `acts`: who else follows the chain of acts."""
    folder = settings.folder
    if not folder.is_dir():
        return [Finding("data", f"no folder {folder}", "start the centre once: ronda up")]
    found = [*_folder(folder), _disk(folder), _secret(folder), _files()]
    found += doctor_clear.findings(settings)
    found.append(doctor_address.finding(settings))
    databases = list(_databases(settings))
    found += databases
    tail = doctor_journal.tail(settings)
    found += doctor_journal.findings(settings)
    if all(finding.fine for finding in databases):
        engine = db.open_store(settings)
        try:
            found.append(doctor_clock.look(tail, now, engine))
            found += doctor_lease.findings(settings, engine)
            found += [_fold(settings, engine, tail, now), *enrolled(engine, now)]
            found += [*services(engine), *outside(engine), *capacity(engine)]
            found.append(beacons(settings, engine))
            found += fickle.findings(engine, now)
            found += byte_use(engine)
            found += doctor_console.live(engine)
            found += _heartbeat(settings, engine, now)
            found += doctor_alertmanager.findings(settings, engine, now)
            found += [*_rules(engine, now), *doctor_contacts.findings(engine)]
            found += doctor_secrets.findings(settings, engine)
            found.append(doctor_people.chained(engine) if acts is None else acts())
            found += restored.findings(settings, engine, now)
            found += doctor_backup.findings(settings, engine, now)
            found += doctor_evidence.findings(settings, engine)
            found += doctor_parent.findings(settings, engine, now)
            found += doctor_engine.findings(settings, engine, now)
            found += doctor_outward.findings(settings, engine, now)
            found += doctor_window.findings(settings, engine)
            found += _serials(engine)
        finally:
            engine.dispose()
        found.append(_history(settings, now))
    else:
        found.append(doctor_clock.look(tail, now, None))
    return found


def _serials(engine: Engine) -> Iterator[Finding]:
    """Of devices: one number at two places is one that was moved, or that is back."""
    with db.reading(engine) as connection:
        twice = serials.twice(connection)
    told = [" and ".join(map(str, group)) for group in twice]
    if told:
        words = f"one serial number at two places: {few(told)}"
        yield Finding("devices", words, "see which of them is right, and mend the other")


def _folder(folder: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "data", f"{folder} cannot be written", f"give it to the user of ronda: {folder}"
        )
    elif not _takes(folder):
        yield Finding("data", f"{folder} cannot be written", _DYING)
    elif mode & 0o077:
        words = f"others on this machine may look into {folder} (mode {mode:o})"
        yield Finding("data", words, f"chmod 700 {folder}")
    elif (folder / UNFINISHED).exists():
        yield Finding("data", "a restore was cut short", "begin it again: ronda restore --force")
    else:
        yield Finding("data", str(folder))


def _takes(folder: Path) -> bool:
    """Does the disk take a file, without a name so that none is left?"""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError as error:
        # a full one is told by itself, and some file systems know no files without a name
        return error.errno != errno.EROFS
    return True


def _disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    words = f"{usage.free / (1 << 30):.1f} GiB of {usage.total / (1 << 30):.1f} GiB free"
    if usage.free < LEAST_FREE_BYTES or usage.free < LEAST_FREE_RATIO * usage.total:
        return Finding("disk", words, "make room: agents are sent away once it is full")
    return Finding("disk", words)


def _secret(folder: Path) -> Finding:
    path = folder / secret.FILE
    try:
        mode, size = stat.S_IMODE(path.stat().st_mode), path.stat().st_size
    except FileNotFoundError:
        return Finding("secret", "not made yet", "start the centre once: ronda up")
    if size != secret.LENGTH:
        words = f"{path} has {size} bytes, not {secret.LENGTH}"
        return Finding("secret", words, "bring it back from a backup; agents enrol anew without it")
    if mode & 0o077:
        return Finding(
            "secret", f"{path} can be read by others (mode {mode:o})", f"chmod 600 {path}"
        )
    return Finding("secret", "in place, readable by its owner only")


def _files() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    words = "unlimited" if soft == resource.RLIM_INFINITY else f"{soft} a process"
    if soft != resource.RLIM_INFINITY and soft < LEAST_FILES:
        return Finding("open files", words, "raise it: ulimit -n 65536, or LimitNOFILE in the unit")
    return Finding("open files", words)


def _databases(settings: Settings) -> Iterator[Finding]:
    for name, head in db.HEADS.items():
        where = db.place(settings, name)
        if not settings.database_url and not Path(where).exists():
            yield Finding(name, f"no {where}", "start the centre once: ronda up")
            continue
        engine = (db.open_store if name == "ronda" else db.open_history)(settings)
        try:
            standing = db.revision(engine)
        except DBAPIError as error:
            do = "start PostgreSQL, or correct database_url" if settings.database_url else _RESTORE
            yield Finding(name, f"{where}: {error.orig}", do)
        else:
            yield _version(name, where, standing, head)
        finally:
            engine.dispose()


def _version(name: str, where: str, standing: str, head: str) -> Finding:
    words = f"{where} at revision {standing or 'none'}, this version needs {head}"
    if standing == head:
        return Finding(name, f"{where} at revision {standing}")
    if standing > head:
        return Finding(name, words, "a newer ronda was here: install that version")
    return Finding(name, words, "start the centre: it brings the database up to date")


def _fold(settings: Settings, engine: Engine, tail: list[Record], now: float) -> Finding:
    position = fold_position(engine)
    newest = tail[-1].at if tail else None
    behind = doctor_journal.waiting(settings, position)
    with db.reading(engine) as connection:
        told = json.loads(db.meta_get(connection, "fold_status", "{}"))
    lag_s, at = float(told.get("lag_s", 0.0)), float(told.get("at", 0.0))
    if newest is None or now - newest > LONGEST_LAG_S:
        return Finding("fold", f"the centre does not run; {behind} wait for it")
    words = f"position {position}, {behind} behind, lag {lag_s:.1f} s"
    if now - at > LONGEST_LAG_S:
        return Finding("fold", f"{words}, silent", "see the log of the engine: it does not fold")
    if lag_s > LONGEST_LAG_S:
        return Finding("fold", words, "wait; if it stays so, this machine is too slow")
    return Finding("fold", words)


def _heartbeat(settings: Settings, engine: Engine, now: float) -> Iterator[Finding]:
    """How the last beat was, as the engine wrote it down."""
    if not settings.heartbeat_url:
        return
    with db.reading(engine) as connection:
        told = json.loads(db.meta_get(connection, "heartbeat", "{}"))
    if not told:
        yield Finding("heartbeat", "none yet", "start the centre; its engine sends it")
        return
    age_s = now - float(told["at"])
    words = f"to {told['host']}, {age_s:.0f} s ago: {told['says']}"
    if not told["fine"]:
        yield Finding("heartbeat", words, "see the reason; the address must be reachable from here")
    elif age_s > 3 * settings.heartbeat_every_s + LONGEST_LAG_S:
        yield Finding("heartbeat", words, "the engine does not beat: see its log")
    else:
        yield Finding("heartbeat", words)


def _rules(engine: Engine, now: float) -> Iterator[Finding]:
    """How rules and their files are, as the engine wrote it down."""
    with db.reading(engine) as connection:
        told = json.loads(db.meta_get(connection, "rules_status", "{}"))
    if not told:
        yield Finding("rules", "none evaluated yet", "start the centre; its engine does it")
        return
    failing = sorted(name for name, rule in told["rules"].items() if rule["error"])
    for problem in told.get("problems", ()):
        yield Finding("rules", problem, "mend the file; the engine reads it again by itself")
    for name in failing:
        words = f"{name.replace(';', ' ')}: {told['rules'][name]['error']}"
        yield Finding("rules", words, "see ronda rules list")
    if not failing and not told.get("problems"):
        words = f"{len(told['rules'])} in order, a round takes {told['round_s'] * 1000:.0f} ms"
        yield Finding("rules", words)


def _history(settings: Settings, now: float) -> Finding:
    engine = db.open_history(settings)
    try:
        held, free = db.held_bytes(engine)
        first = oldest(engine)
        over = over_budget(settings, engine)
    finally:
        engine.dispose()
    words = f"{held / (1 << 20):.1f} MiB, {free / (1 << 20):.1f} free in it"
    words += f", of it up to {MOST_BYTES >> 20} MiB decoded in the memory of each process"
    for what, day in first.items():
        words += f", {what} since {_date(day)}" if day is not None else ""
    if (day := first["numbers"]) is not None:
        words += f"; numbers of {_date(day)} go on {_date(day + settings.history_days + 1)}"
    if settings.history_budget_mb:
        words += f", or when it is over {settings.history_budget_mb} MiB"
    if over:
        return Finding("numbers", f"{words}; it is", "the oldest go tonight, or raise the budget")
    return Finding("numbers", words)


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86400, UTC).date().isoformat()
