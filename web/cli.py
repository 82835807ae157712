"""The web floor's commands: accounts of the console, and tokens for programs."""

import argparse
import time
from typing import Any

from agent.strict import Refused
from collector.cli_common import (
    by_option,
    group,
    iso,
    leaf,
    print_json,
    print_table,
    settings_of,
    store_of,
)
from web import accounts, cli_walls, people, tokens


def commands(subparsers: Any) -> None:
    """Add `users ...` and `walls ...`."""
    cli_walls.commands(subparsers)
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
    by_option(reset)
    unlock = leaf(users, "unlock", "let a locked account try again", _unlock)
    unlock.add_argument("name")
    by_option(unlock)
    token = leaf(users, "token", "a token for a program, shown once", _token)
    token.add_argument("--role", required=True, help=", ".join(people.ROLES))
    token.add_argument("--name", required=True, help="what the token is for")
    token.add_argument("--area", default="", metavar="CODE")
    token.add_argument("--site", default="", metavar="CODE")
    by_option(token)


def _add(args: argparse.Namespace) -> int:
    with store_of(args) as store:
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
        print_table(headers, [[_cell(row[key]) for key in headers] for row in rows])
    return 0


def _reset(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        if args.second_step:
            accounts.remove_step(store, _by(args), args.name, time.time())
        path = accounts.reset(store, _by(args), args.name, time.time())
    return _show_link(args, args.name, path)


def _unlock(args: argparse.Namespace) -> int:
    with store_of(args) as store:
        accounts.unlock(store, _by(args), args.name, time.time())
    if args.json:
        print_json({"name": args.name})
    return 0


def _token(args: argparse.Namespace) -> int:
    if args.area and args.site:
        raise Refused("site", "a token is for an area or for a site, not both")
    with store_of(args) as store:
        text = tokens.issue(store, args.name, args.role, args.area, args.site, time.time(), args.by)
    if args.json:
        print_json({"token": text})
    else:
        print(text)
    return 0


def _by(args: argparse.Namespace) -> people.User:
    """Who has a shell on the centre may do everything to its accounts."""
    return people.User(args.by, "admin")


def _show_link(args: argparse.Namespace, name: str, path: str) -> int:
    settings = settings_of(args)
    link = (settings.public_url or f"http://{settings.console}").rstrip("/") + path
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
