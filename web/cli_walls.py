"""The commands of wall screens: a link made, all listed, one revoked."""

import argparse
import time
from typing import Any

from collector import console_address
from collector.cli_common import (
    by_option,
    group,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    settings_of,
    store_of,
)
from web import walls
from web.tongue import LANGUAGES
from web.walls import Wall


def commands(subparsers: Any) -> None:
    """Add `walls ...`."""
    screens = group(subparsers, "walls", "links of wall screens: read-only, until they are revoked")
    add = leaf(screens, "add", "make a link, shown once", _add)
    add.add_argument("name", help="where the screen hangs")
    add.add_argument("--area", action="append", default=[], metavar="CODE", help="may repeat")
    add.add_argument("--language", default=LANGUAGES[0], help=", ".join(LANGUAGES))
    by_option(add)
    leaf(screens, "list", "all links", _list)
    revoke = leaf(screens, "revoke", "a link shows nothing any more", _revoke)
    revoke.add_argument("number", type=int, metavar="ID")


def _add(args: argparse.Namespace) -> int:
    with store_of(args, new=True) as store:
        number, path = walls.add(store, args.name, args.area, args.language, args.by, time.time())
    link = console_address.link(settings_of(args), path)
    if args.json:
        print_json({"id": number, "name": args.name, "link": link})
    else:
        print(f"wall screen {number}, holds until it is revoked: {link}")
    return 0


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        rows = [_row(wall) for wall in walls.listing(store)]
    if args.json:
        print_json(rows)
    else:
        headers = ("id", "name", "areas", "language", "by", "created_at", "revoked_at")
        cells = [[_cell(row[key]) for key in headers] for row in rows]
        print_table(headers, cells, home_zone(args))
    return 0


def _revoke(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        wall = walls.revoke(store, args.number, time.time())
    if args.json:
        print_json(_row(wall))
    else:
        print(f"wall screen {wall.id} ({wall.name}) shows nothing any more")
    return 0


def _row(wall: Wall) -> dict[str, Any]:
    return {
        "id": wall.id,
        "name": wall.name,
        "areas": list(wall.areas),
        "language": wall.language,
        "by": wall.by,
        "created_at": iso(wall.created_at),
        "revoked_at": iso(wall.revoked_at),
    }


def _cell(value: Any) -> Any:
    return ", ".join(value) or "*" if isinstance(value, list) else value
