"""The commands of tokens for programs: one made, all listed, one revoked."""

import argparse
import re
import sys
import time
from typing import Any

from agent.strict import Refused
from collector.cli_common import (
    by_option,
    group,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    store_of,
)
from web import people, tokens
from web.tokens import Own

# so much of an id is shown, and names a token when it is revoked
_SHOWN = 12


def commands(subparsers: Any) -> None:
    """Add `users token`, `users tokens` and `users revoke`."""
    users = group(subparsers, "users", "accounts of the console and tokens for programs")
    token = leaf(users, "token", "a token for a program, shown once", _make)
    token.add_argument("--role", required=True, help=", ".join(people.ROLES))
    token.add_argument("--name", required=True, help="what the token is for")
    token.add_argument("--area", default="", metavar="CODE")
    token.add_argument("--site", default="", metavar="CODE")
    by_option(token)
    listing = leaf(users, "tokens", "tokens that were neither revoked nor ended", _list)
    listing.add_argument("--owner", metavar="NAME", help="only those of this account")
    revoke = leaf(users, "revoke", "a token opens nothing any more", _revoke)
    revoke.add_argument("id", metavar="ID", help="as `users tokens` shows it")
    by_option(revoke)


def _make(args: argparse.Namespace) -> int:
    if args.area and args.site:
        raise Refused("site", "a token is for an area or for a site, not both")
    with store_of(args, new=True) as store:
        text = tokens.issue(store, args.name, args.role, args.area, args.site, time.time(), args.by)
    if args.json:
        print_json({"token": text})
    else:
        print(text)
    return 0


def _list(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        found = tokens.seen(store, people.User("", "admin"), time.time())
    rows = [_row(one) for one in found if args.owner in (None, one.owner)]
    if args.json:
        print_json(rows)
    else:
        headers = ("id", "name", "owner", "role", "area", "site", "created_at", "expires_at")
        print_table(headers, [[row[key] for key in headers] for row in rows], home_zone(args))
    return 0


def _row(one: Own) -> dict[str, Any]:
    same = {name: getattr(one, name) for name in ("name", "owner", "role", "area", "site")}
    times = {"created_at": iso(one.created_at), "expires_at": iso(one.expires_at)}
    return {"id": one.id[:_SHOWN], **same, **times, "stopped": one.stopped}


def _revoke(args: argparse.Namespace) -> int:
    if not re.fullmatch(rf"[0-9a-f]{{{_SHOWN},64}}", args.id):
        raise Refused("id", f"expected {_SHOWN} or more of 0-9 and a-f, as `users tokens` shows it")
    everybody = people.User(args.by, "admin")
    with store_of(args) as store:
        found = tokens.seen(store, everybody, time.time())
        ids = [one.id for one in found if one.id.startswith(args.id)]
        if len(ids) != 1 or not tokens.end(store, everybody, ids[0], time.time()):
            print(say(f"no token {args.id} holds"), file=sys.stderr)
            return 1
    if args.json:
        print_json({"id": args.id, "done": True})
    else:
        print(f"token {args.id} opens nothing any more")
    return 0
