"""`ronda backup now`, `copy`, `test`, `list`: the work of a night by hand, and its outcome."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from collector import db, lifeline
from collector.backup import records
from collector.backup.night import Night
from collector.backup.records import What, Work
from collector.cli_common import home_zone, iso, print_json, print_table, say, settings_of
from collector.settings import Settings

WORDS = ("now", "copy", "test", "list")
_LESS_URGENT = 10


def run(args: argparse.Namespace, word: str) -> int:
    """Do what the word says; 1 when it did not go well."""
    settings = settings_of(args)
    if word == "list":
        return _list(args, settings)
    # villages and pages come first
    os.nice(_LESS_URGENT)
    lifeline.watch(lambda: os._exit(1))
    done = _do(Night(settings), settings, word)
    if args.json:
        print_json([as_json(one) for one in done])
    else:
        for one in done:
            print(say(_sentence(one)), file=sys.stderr if one.failed else sys.stdout)
    return 0 if all(one.fine for one in done) else 1


def _do(night: Night, settings: Settings, word: str) -> Sequence[Work]:
    if word == "copy":
        return [night.copy()]
    if word == "test":
        return [night.test()]
    made = night.backup()
    return [made, night.copy()] if made.fine and settings.backup_sftp else [made]


def as_json(one: Work) -> dict[str, Any]:
    return {**asdict(one), "at": iso(one.at), "fine": one.fine}


def _sentence(one: Work) -> str:
    if one.failed:
        return f"{one.what}: {one.error}"
    size = f"{one.bytes / (1 << 20):.1f} MiB"
    return f"{one.what}: {one.where}, {size}, {one.took_s:.0f} s: {one.says}"


def _list(args: argparse.Namespace, settings: Settings) -> int:
    store = db.open_store(settings)
    try:
        with db.reading(store) as connection:
            found = records.works(connection)
    finally:
        store.dispose()
    if args.json:
        print_json([as_json(one) for one in found])
    else:
        headers = ("what", "when", "took s", "MiB", "where", "outcome")
        print_table(headers, [_row(one) for one in found], home_zone(args))
    newest = [records.last(found, what) for what in What]
    return 1 if any(one is not None and one.failed for one in newest) else 0


def _row(one: Work) -> list[object]:
    outcome = "under way" if one.took_s is None else one.error or one.says
    size = round(one.bytes / (1 << 20), 1) if one.bytes else None
    return [one.what, iso(one.at), one.took_s, size, one.where or None, outcome]
