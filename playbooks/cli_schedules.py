"""`ronda playbooks schedule`: playbooks that are run again and again."""

import argparse
import time
from typing import Any

from agent.strict import Refused
from collector import inventory
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
from collector.inventory.places import zone
from playbooks import asking, library, persons, schedules
from playbooks.cli_hosts import pair
from playbooks.schedules import Schedule

_HEADERS = ("id", "playbook", "scope", "at", "days", "zone", "by", "last_at", "last_run")


def commands(inner: Any) -> None:
    """Add to `ronda playbooks`."""
    put = leaf(inner, "schedule", "run a playbook every day, or on days of the week", _add)
    put.add_argument("name", metavar="NAME")
    put.add_argument("--scope", required=True, metavar="CODE", help="of a site or an area")
    put.add_argument("--at", required=True, metavar="HH.MM", help="in the time of the place")
    put.add_argument("--days", default="", metavar="1,3", help="1 is Monday; every day")
    put.add_argument("--param", action="append", default=[], metavar="K=V", help="may repeat")
    persons.option(put)
    leaf(inner, "schedules", "what is run again and again", _list)
    gone = leaf(inner, "unschedule", "do not begin it any more", _cancel)
    gone.add_argument("number", type=int, metavar="ID")
    persons.option(gone)


def _add(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    playbook = library.load(settings.data).get(args.name)
    params = dict(pair("--param", text) for text in args.param)
    here = zone(args.scope, settings.timezone).key
    wanted = Schedule(playbook.name, params, args.scope, args.at, here, persons.by(args), args.days)
    with store_of(args) as store, writing(store) as connection:
        asking.check_for_later(playbook, params)
        wanted.check()
        if not inventory.sites(connection, args.scope):
            raise Refused("--scope", f"there is no site in {args.scope}")
        number = schedules.add(connection, wanted, time.time())
    if args.json:
        print_json({"schedule": number})
    return 0


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store, reading(store) as connection:
        found = schedules.standing(connection)
    rows = [
        {name: getattr(one, name) for name in _HEADERS}
        | {"last_at": iso(one.last_at), "params": dict(one.params), "last_said": one.last_said}
        for one in found
    ]
    if args.json:
        print_json(rows)
    else:
        print_table(_HEADERS, [[row[name] for name in _HEADERS] for row in rows], home_zone(args))
    return 0


def _cancel(args: argparse.Namespace) -> int:
    with store_of(args) as store, writing(store) as connection:
        if not schedules.cancel(connection, args.number, persons.by(args), time.time()):
            why = "there is none, or it was cancelled; see: ronda playbooks schedules"
            raise Refused(f"schedule {args.number}", why)
    return 0
