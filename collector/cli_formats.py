"""`ronda sites export` and its like: the inventory in the formats of Ansible and NetBox."""

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine

from collector import db, inventory
from collector.cli_common import leaf, store_of
from collector.inventory.changes import place_of
from collector.inventory.exporting import export
from collector.inventory.formats import ansible, netbox
from collector.inventory.importing import CSV
from collector.inventory.kinds import KINDS
from collector.inventory.scope import Scope
from collector.inventory.store import rows_of

LIST = "ansible-list"


def commands(subparsers: Any, name: str, take: argparse.ArgumentParser) -> None:
    """Add `export` to kinds that other programs know, and to `import` what they may come in as."""
    take.add_argument("--dry-run", action="store_true", help="only say what would change")
    take.set_defaults(format=CSV)
    if name not in netbox.TAKES:
        return
    read, write = [CSV, "netbox"], [CSV, "netbox"]
    read += ["ansible"] if name in ansible.TAKES else []
    write += ["ansible", LIST] if name == "sites" else []
    take.add_argument("--format", choices=read, default=CSV, help="csv if not given")
    give = leaf(subparsers, "export", f"all {name}, for another program", _export)
    give.add_argument("--format", choices=write, default=CSV, help="csv if not given")
    give.add_argument("--area", default="", metavar="CODE", help="of one area only")
    give.set_defaults(kind=name)


def _export(args: argparse.Namespace) -> int:
    kind, scope = args.kind, Scope((args.area,) if args.area else ())

    def mine(row: dict[str, Any], name: str = kind) -> bool:
        return scope.everything or scope.sees(place_of(name, row))

    with store_of(args) as store, db.reading(store) as connection:
        if args.format == CSV:
            print(export(connection, kind, lambda p: scope.everything or scope.sees(p)), end="")
            return 0
        rows = [row for row in rows_of(connection, KINDS[kind].table) if mine(row)]
        if args.format == "netbox":
            _netbox(kind, rows, inventory.area_names(connection))
        else:
            devices = rows_of(connection, KINDS["devices"].table)
            told = ansible.listed if args.format == LIST else ansible.inventory
            print(json.dumps(told(rows, devices), ensure_ascii=False, indent=1))
    return 0


def _netbox(kind: str, rows: list[dict[str, Any]], areas: dict[str, str]) -> None:
    print(netbox.write(kind, rows, areas), end="")
    if left := sum(netbox.leaves_out(kind, row) for row in rows):
        print(f"note: {left} {kind} are left out: NetBox has no such thing", file=sys.stderr)


@contextlib.contextmanager
def trying(store: Engine, only: bool) -> Iterator[Connection]:
    """A transaction that is written, or (`only`) undone."""
    with contextlib.suppress(_Undone), db.writing(store) as connection:
        yield connection
        if only:
            raise _Undone


class _Undone(Exception):
    """Ends a trial."""
