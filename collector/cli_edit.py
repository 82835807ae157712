"""Single edits: `ronda services remove | password`, `ronda sites set | recode`."""

import argparse
import getpass
import sys
import time
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector import archive_boxes, db, passwords
from collector.backup.placing import alone
from collector.cli_common import (
    by_option,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
)
from collector.inventory import binding, editing, recodes
from collector.inventory.binding import Binding
from collector.inventory.bound import bindings
from collector.secret import load_secret

_HELP = {
    "profile": "fiber, 4g or hemat",
    "check_every_s": "seconds between looks; - as its profile has it",
    "report_every_s": "seconds between reports; - as its profile has it",
    "bytes_per_day": "how much a day may cost; - no limit",
}


def of_services(inner: Any) -> None:
    """Add `services remove`, `services password` and `services passwords`."""
    gone = leaf(inner, "remove", "take one check away", _remove)
    gone.add_argument("name", metavar="NAME")
    help = "of this site, area, isp:NAME or profile:NAME; without it of every site"
    gone.add_argument("--site", default="", metavar="PLACE", help=help)
    by_option(gone)
    words = "keep a password that checks name; it is read from the terminal or standard input"
    one = leaf(inner, "password", words, _password)
    one.add_argument("name", metavar="NAME")
    one.add_argument("--forget", action="store_true", help="take it away")
    help = "checks in this area or site alone may name it; - no area: those of every site alone"
    one.add_argument("--area", default="", metavar="CODE", help=help)
    help = "only these get it: addresses, networks, names, *.name with | between; - any"
    one.add_argument("--targets", default="", metavar="LIST", help=help)
    help = "change only where it may go, the password stays"
    one.add_argument("--bind", action="store_true", help=help)
    by_option(one)
    leaf(inner, "passwords", "the names of those that are kept", _passwords)


def of_sites(inner: Any) -> None:
    """Add `sites set`."""
    one = leaf(inner, "set", "profile, cadence, bytes of a site or of all sites of a place", _set)
    one.add_argument("place", metavar="PLACE", help="a site, an area, isp:NAME or profile:NAME")
    for name, help in _HELP.items():
        one.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=help)
    by_option(one)

    recode = leaf(inner, "recode", "new codes for villages of an area that was split", _recode)
    recode.add_argument("file", type=Path, metavar="FILE", help="CSV with the columns old, new")
    recode.add_argument("--dry-run", action="store_true", help="only say what would change")
    by_option(recode)


def _recode(args: argparse.Namespace) -> int:
    """While the centre is stopped: what is read and counted meanwhile has the old codes."""
    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise Refused(str(args.file), error.strerror or "cannot be read") from None
    pairs, settings = recodes.read(data), settings_of(args)
    with alone(settings.folder), store_of(args) as store:
        with db.writing(store) as connection:
            lent = bool(settings.metrics_url)
            done = recodes.recode(connection, pairs, time.time(), args.by, lent)
            if args.dry_run:
                connection.rollback()
            else:
                archive_boxes.copy(settings, done.sites)
        if not args.dry_run:
            # only now: what failed before this left all as it was
            archive_boxes.drop(settings, [old for old, _ in done.sites])
    rows = [("site", *pair) for pair in done.sites] + [("area", *pair) for pair in done.areas]
    if args.json:
        print_json({"sites": dict(done.sites), "areas": dict(done.areas), "rows": done.rows})
        return 0
    print_table(("kind", "old", "new"), rows)
    would = "would follow" if args.dry_run else "follow"
    print(say(f"{done.rows} rows {would}; numbers and history stay with their sites"))
    return 0


def _remove(args: argparse.Namespace) -> int:
    key = (args.name, args.site)
    with store_of(args) as store, db.writing(store) as connection:
        shown = editing.mark(editing.find(connection, *key))
        editing.remove(connection, key, shown, time.time(), args.by)
    return 0


def _password(args: argparse.Namespace) -> int:
    now, secret = time.time(), load_secret(settings_of(args).folder)
    plain = "" if args.forget or args.bind else _asked(args.name)
    with store_of(args) as store, db.writing(store) as connection:
        if args.forget:
            passwords.forget(connection, args.name, now, args.by)
            return 0
        before = bindings(connection).get(args.name, Binding())
        bound = binding.read(args.area, args.targets, before)
        if args.bind:
            passwords.bind(connection, args.name, bound, now, args.by)
        else:
            passwords.put(connection, secret, args.name, plain, now, args.by, bound)
    return 0


def _asked(name: str) -> str:
    """Never from the command line, where everybody on the machine could read it."""
    if sys.stdin.isatty():
        return getpass.getpass(f"password {name}: ")
    return sys.stdin.readline().rstrip("\r\n")


def _passwords(args: argparse.Namespace) -> int:
    secret = load_secret(settings_of(args).folder)
    with store_of(args) as store, db.reading(store) as connection:
        found, lost = passwords.kept(connection), passwords.unreadable(connection, secret)
    if args.json:
        print_json([_shown(one, one.name not in lost) for one in found])
    else:
        print_table(
            ["name", "set", "by", "for", "targets", ""],
            [
                (
                    one.name,
                    iso(one.set_at),
                    one.by,
                    one.bound.area or "every site",
                    " ".join(one.bound.targets) or "any",
                    "enter again" if one.name in lost else "",
                )
                for one in found
            ],
            home_zone(args),
        )
    return 0


def _shown(one: passwords.Kept, opens: bool) -> dict[str, Any]:
    where = {"area": one.bound.area, "targets": list(one.bound.targets)}
    return {"name": one.name, "set_at": iso(one.set_at), "by": one.by, **where, "opens": opens}


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
