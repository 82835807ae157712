"""`ronda playbooks automatic`: what begins by itself when an incident suggests it."""

import argparse
import time
from typing import Any

from agent.strict import Refused
from collector.cli_common import (
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    settings_of,
    store_of,
)
from collector.db import reading, writing
from playbooks import automatic, library, persons

_HEADERS = ("playbook", "a_day", "by", "since", "off_at", "off_why")


def commands(inner: Any) -> None:
    """Add to `ronda playbooks`."""
    put = leaf(inner, "automatic", "begin a green playbook when an incident suggests it", _choose)
    put.add_argument("name", metavar="NAME")
    put.add_argument("--a-day", type=int, default=3, metavar="N", help="at one site; 3")
    put.add_argument("--off", action="store_true", help="do not begin it by itself any more")
    persons.option(put)
    leaf(inner, "automatics", "what begins by itself, and what was stopped", _list)


def _choose(args: argparse.Namespace) -> int:
    who, now = persons.by(args), time.time()
    with store_of(args) as store, writing(store) as connection:
        if args.off:
            if not automatic.stop(connection, args.name, who, "stopped by a person", now):
                why = "it does not begin by itself; see: ronda playbooks automatics"
                raise Refused(args.name, why)
            return 0
        playbook = library.load(settings_of(args).data).get(args.name)
        automatic.choose(connection, playbook, args.a_day, who, now)
    return 0


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store, reading(store) as connection:
        found = automatic.listing(connection)
    rows = [
        {name: getattr(one, name) for name in _HEADERS}
        | {"since": iso(one.since), "off_at": iso(one.off_at)}
        for one in found
    ]
    if args.json:
        print_json(rows)
    else:
        print_table(_HEADERS, [[row[name] for name in _HEADERS] for row in rows], home_zone(args))
    return 0
