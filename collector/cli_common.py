"""What every command of every floor shares: its options, its settings, how it prints."""

import argparse
import getpass
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from agent.strict import Refused
from collector import db
from collector.settings import Settings, load
from collector.unfinished import refuse_half

Run = Callable[[argparse.Namespace], int]
# as `iso` writes it
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def leaf(subparsers: Any, name: str, help: str, run: Run) -> argparse.ArgumentParser:
    """A command that runs: adds --data and --json, and `run` as what it does."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=help, description=help)
    parser.add_argument("--data", metavar="DIR", help="the data folder (RONDA_DATA, else ./var)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def group(subparsers: Any, name: str, help: str) -> Any:
    """A command made of commands (`ronda sites ...`); what `leaf` takes as its first argument.

    A second floor that asks for the same name adds to the first one's.
    """
    for action in subparsers.choices[name]._actions if name in subparsers.choices else ():
        if isinstance(action, argparse._SubParsersAction):
            return action
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=help, description=help)
    return parser.add_subparsers(metavar="COMMAND", required=True)


def by_option(parser: argparse.ArgumentParser) -> None:
    """Add `--by`: who does it, as history will say."""
    parser.add_argument("--by", metavar="NAME", default=user(), help="who (you)")


def user() -> str:
    """Who runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # a container's user has a number only
        return str(os.getuid())


def settings_of(args: argparse.Namespace, new: bool = False) -> Settings:
    """The settings a command runs with: environment, over it --data.

    Refused where no centre has its data, unless the command may come before the first start: `new`.
    """
    settings = load(getattr(args, "config", None), overrides={"data": args.data})
    if not new:
        _refuse_strange(settings)
    return settings


def _refuse_strange(settings: Settings) -> None:
    # a folder made for a slip of the pen would say that nothing is broken
    folder = settings.folder
    refuse_half(folder)
    # tables that lie in a server are found by its address
    begun = folder.is_dir() if settings.database_url else (folder / "ronda.db").exists()
    if not begun:
        problem = "no centre has its data here; name its folder with --data or RONDA_DATA"
        raise Refused(str(folder.absolute()), problem)


@contextmanager
def store_of(args: argparse.Namespace, new: bool = False) -> Iterator[Engine]:
    """ronda.db of the command's data folder, brought up to date; `new` as of `settings_of`."""
    settings = settings_of(args, new)
    db.migrate(settings)
    engine = db.open_store(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def print_json(data: object) -> None:
    """Data for another program; one document."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], zone: tzinfo | None = None
) -> None:
    """Aligned columns for people; nothing but the headers when there are no rows.

    `zone`: times of JSON are told in it.
    """
    cells = [list(headers), *([say(there(value, zone)) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headers))]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


def say(value: object) -> str:
    """A value on one line, as people read it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.10g}"
    # a reason comes from a village and must not steer the terminal it is shown on
    return "".join(c if c.isprintable() else " " for c in str(value))


def home_zone(args: argparse.Namespace) -> tzinfo:
    """The control room's zone."""
    return ZoneInfo(settings_of(args).timezone)


def there(value: object, zone: tzinfo | None) -> object:
    """A time as JSON carries it, as a clock in this zone shows it; anything else as it is."""
    if zone is None or not isinstance(value, str) or not _ISO.fullmatch(value):
        return value
    return datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H.%M %Z")


def iso(at: float | None) -> str | None:
    """A time as ISO 8601 UTC, the way JSON carries it."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
