"""`ronda centres`: those that report here. `ronda parent`: the one this centre reports to."""

import argparse
import os
import subprocess
import sys
import time
from typing import Any

from agent.strict import Refused
from collector import centres, db
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

EVERY_S = 60
_AGENT_DATA = "RONDA_AGENT_DATA"


def commands(subparsers: Any) -> None:
    """Add `centres ...` and `parent ...`."""
    below = group(subparsers, "centres", "centres that report here: regencies, provinces")
    add = leaf(below, "add", "a centre that is to report here: its code, shown once", _add)
    add.add_argument("area", metavar="AREA", help="code of its regency or province: 35.10")
    add.add_argument("--name", default="", help="what to call it (default: the area's name)")
    add.add_argument("--url", default="", help="its console, to go on from here")
    add.add_argument("--every", type=int, default=EVERY_S, metavar="S", help="how often it reports")
    by_option(add)
    leaf(below, "list", "all that report here", _list)
    end = leaf(below, "end", "a centre is waited for no more", _end)
    end.add_argument("area", metavar="AREA")
    by_option(end)
    above = group(subparsers, "parent", "the centre that this one reports to")
    enrol = leaf(above, "enrol", "register this centre with the one above it", _enrol)
    enrol.add_argument("code", metavar="CODE")
    enrol.add_argument("--url", default="", help="its ingest (default: RONDA_PARENT_URL)")
    enrol.add_argument("--ca", metavar="FILE", help="trust this CA (PEM) at first contact")
    enrol.add_argument(
        "--wait", type=float, default=60.0, metavar="S", help="for network, approval"
    )
    leaf(above, "status", "whether what this centre tells arrives there", _status)


def _add(args: argparse.Namespace) -> int:
    # it brings in a library that no other of these commands needs
    from collector.authority import code_suffix

    settings = settings_of(args, new=True)
    with store_of(args, new=True) as store, db.writing(store) as connection:
        given = (args.name, args.url, args.every, settings.code_days, time.time(), args.by)
        site, code = centres.add(connection, args.area, *given)
    code += code_suffix(settings)
    if args.json:
        print_json({"area": args.area, "site": site, "code": code})
    else:
        print(f"{site}: on its machine, ronda parent enrol {code} --url {settings.reports_to}")
    return 0


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.reading(store) as connection:
        found = centres.listing(connection)
    headers = ("area", "site", "name", "url", "every_s")
    rows = [{key: getattr(one, key) for key in headers} for one in found]
    if args.json:
        print_json(rows)
    else:
        print_table(headers, [list(row.values()) for row in rows])
    return 0


def _end(args: argparse.Namespace) -> int:
    with store_of(args) as store, db.writing(store) as connection:
        centres.end(connection, args.area, time.time(), args.by)
    return 0


def _enrol(args: argparse.Namespace) -> int:
    """By the agent's own command: it is the agent's own way in."""
    settings = settings_of(args, new=True)
    url = args.url or settings.parent_url
    if not url:
        raise Refused("--url", "say where, here or in RONDA_PARENT_URL")
    folder = settings.folder / centres.FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "agent.cli", "enrol", url, args.code]
    command += ["--wait", f"{args.wait:.0f}", *(["--ca", args.ca] if args.ca else [])]
    done = subprocess.run(
        [*command, *(["--json"] if args.json else [])],
        env={**os.environ, _AGENT_DATA: str(folder.resolve())},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        # before it gives up it tells each time why it tries again
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        said = " ".join(last).removeprefix("ronda-agent: ")
        if done.returncode == 2:
            raise Refused("parent", said)
        print(f"ronda: {said}", file=sys.stderr)
        return 1
    print(done.stdout.strip())
    if settings.parent_url.rstrip("/") != url.rstrip("/"):
        print(f"set RONDA_PARENT_URL={url} and start this centre again", file=sys.stderr)
    return 0


def _status(args: argparse.Namespace) -> int:
    """1 while nothing arrives there."""
    settings = settings_of(args)
    known = centres.enrolled(settings.folder)
    with store_of(args) as store, db.reading(store) as connection:
        told = centres.status(connection) if known else {}
    found = {"enrolled": bool(known), "set": bool(settings.parent_url), **known, **told}
    found |= {key: iso(found[key]) for key in ("at", "reported_at") if key in found}
    if args.json:
        print_json(found)
    else:
        print_table(("what", "value"), list(found.items()), home_zone(args))
    return 0 if found.get("reported_at") and not found.get("trouble") else 1
