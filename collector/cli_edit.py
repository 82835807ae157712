"""`ronda services remove`, `ronda sites set`: single edits of what agents are told."""

import argparse
import time
from typing import Any

from agent.strict import Refused
from collector import db
from collector.cli_common import by_option, leaf, print_json, store_of
from collector.inventory import editing

_HELP = {
    "profile": "fiber, 4g or hemat",
    "check_every_s": "seconds between looks; - as its profile has it",
    "report_every_s": "seconds between reports; - as its profile has it",
    "bytes_per_day": "how much a day may cost; - no limit",
}


def of_services(inner: Any) -> None:
    """Add `services remove`."""
    gone = leaf(inner, "remove", "take one check away", _remove)
    gone.add_argument("name", metavar="NAME")
    help = "of this site, area, isp:NAME or profile:NAME; without it of every site"
    gone.add_argument("--site", default="", metavar="PLACE", help=help)
    by_option(gone)


def of_sites(inner: Any) -> None:
    """Add `sites set`."""
    one = leaf(inner, "set", "profile, cadence, bytes of a site or of all sites of a place", _set)
    one.add_argument("place", metavar="PLACE", help="a site, an area, isp:NAME or profile:NAME")
    for name, help in _HELP.items():
        one.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=help)
    by_option(one)


def _remove(args: argparse.Namespace) -> int:
    key = (args.name, args.site)
    with store_of(args) as store, db.writing(store) as connection:
        shown = editing.mark(editing.find(connection, *key))
        editing.remove(connection, key, shown, time.time(), args.by)
    return 0


def _set(args: argparse.Namespace) -> int:
    given = {name: value for name in _HELP if (value := getattr(args, name)) is not None}
    draft = editing.read_cadence(given)
    if draft.problems or not draft.values:
        name = next(iter(draft.problems), "")
        option = f"--{name.replace('_', '-')}" if name else "set"
        raise Refused(option, draft.problems.get(name, "nothing to set"))
    with store_of(args) as store, db.writing(store) as connection:
        now = time.time()
        changed = editing.set_cadence(connection, args.place, None, draft.values, now, args.by)
    if args.json:
        print_json({"changed": changed})
    else:
        print(f"sites: {len(changed)} changed")
    return 0
