"""The web floor's commands: accounts of the console; tokens and wall screens stand beside."""

import argparse
import sys
import time
from typing import Any

from sqlalchemy import Engine

from collector import console_address
from collector.cli_common import (
    by_option,
    group,
    home_zone,
    iso,
    leaf,
    print_json,
    print_table,
    say,
    settings_of,
    store_of,
)
from web import accounts, cli_tokens, cli_walls, people


def commands(subparsers: Any) -> None:
    """Add `users ...`, `walls ...` and, where it is asked for, to `report ...`."""
    cli_walls.commands(subparsers)
    if "report" in subparsers.choices:
        from web.reports import cli as cli_reports

        cli_reports.commands(subparsers)
    users = group(subparsers, "users", "accounts of the console and tokens for programs")
    add = leaf(users, "add", "make an account and a sign-in link for it", _add)
    add.add_argument("name")
    add.add_argument("--role", required=True, help=", ".join(people.ROLES))
    add.add_argument("--area", action="append", default=[], metavar="CODE", help="may repeat")
    by_option(add)
    leaf(users, "list", "all accounts", _list)
    reset = leaf(users, "reset", "end an account's sessions; a link for a new password", _reset)
    reset.add_argument("name")
    reset.add_argument("--second-step", action="store_true", help="take the second step away, too")
    reset.add_argument("--keep-tokens", action="store_true", help="its tokens go on")
    by_option(reset)
    unlock = leaf(users, "unlock", "let a locked account try again", _unlock)
    unlock.add_argument("name")
    by_option(unlock)
    cli_tokens.commands(subparsers)


def _add(args: argparse.Namespace) -> int:
    with store_of(args, new=True) as store:
        path = accounts.add(store, _by(args), args.name, args.role, args.area, time.time())
    return _show_link(args, people.checked_name(args.name), path)


def _list(args: argparse.Namespace) -> int:
    now = time.time()
    with store_of(args) as store:
        found = people.all_users(store)
    rows = [_row(user, now) for user in found]
    if args.json:
        print_json(rows)
    else:
        headers = ("name", "role", "areas", "language", "state", "locked_until")
        cells = [[_cell(row[key]) for key in headers] for row in rows]
        print_table(headers, cells, home_zone(args))
    return 0


def _reset(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        known = people.user(store, args.name)
        if known is not None and not known.local:
            return _reset_elsewhere(args, store)
        now, tokens = time.time(), not args.keep_tokens
        path = accounts.reset(store, _by(args), args.name, now, tokens=tokens)
        if args.second_step:
            accounts.remove_step(store, _by(args), args.name, now)
    return _show_link(args, args.name, path)


def _reset_elsewhere(args: argparse.Namespace, store: Engine) -> int:
    """Of an account that a provider opens there is no password to set, but a second step."""
    why = f"{args.name} signs in by the provider alone: there is no password to set, and no link"
    if not args.second_step:
        print(say(why), file=sys.stderr)
        return 1
    if not accounts.remove_step(store, _by(args), args.name, time.time()):
        print(say(f"{args.name} has no second step; {why}"), file=sys.stderr)
        return 1
    if args.json:
        print_json({"name": args.name, "link": None})
    else:
        print(say(f"the second step of {args.name} is taken away; {why}"))
    return 0


def _unlock(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        accounts.unlock(store, _by(args), args.name, time.time())
    if args.json:
        print_json({"name": args.name})
    return 0


def _by(args: argparse.Namespace) -> people.User:
    """Who has a shell on the centre may do everything to its accounts."""
    return people.User(args.by, "admin")


def _show_link(args: argparse.Namespace, name: str, path: str) -> int:
    link = console_address.link(settings_of(args), path)
    if args.json:
        print_json({"name": name, "link": link})
    else:
        print(f"sign-in link for {name}, works once within 24 hours: {link}")
    return 0


def _row(user: people.User, now: float) -> dict[str, Any]:
    for_now = user.locked_until is not None and user.locked_until > now
    return {
        "name": user.name,
        "role": user.role,
        "areas": list(user.areas),
        "language": user.language,
        "state": user.state(now),
        "locked_until": iso(user.locked_until) if for_now else None,
    }


def _cell(value: Any) -> Any:
    return ", ".join(value) or "*" if isinstance(value, list) else value
