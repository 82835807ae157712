"""`ronda hosts`: devices that playbooks may work on, and how they are reached."""

import argparse
import getpass
import sys
import time
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.cli_common import (
    group,
    leaf,
    print_json,
    print_table,
    settings_of,
    store_of,
)
from collector.db import reading, writing
from collector.secret import load_secret
from playbooks import host_rows, persons
from playbooks.hosts import Host, Login, Way
from playbooks.model import Platform

MOST_SHOWN = 5000


def commands(subparsers: Any) -> None:
    """Add `hosts ...`."""
    inner = group(subparsers, "hosts", "devices that playbooks may work on")
    put = leaf(inner, "set", "keep a device; its password is asked for, or read from a pipe", _set)
    put.add_argument("site", metavar="SITE", help='code of the site; "-": a machine on the way')
    put.add_argument("device", metavar="DEVICE")
    put.add_argument("address", metavar="USER@HOST[:PORT]")
    put.add_argument("--platform", required=True, choices=[each.value for each in Platform])
    put.add_argument("--key", type=Path, metavar="FILE", help="a private key instead of a password")
    put.add_argument("--host-key", action="append", default=[], metavar="LINE", help="may repeat")
    put.add_argument("--jump", default="", metavar="DEVICE", help="reached through this machine")
    put.add_argument("--tunnel", action="store_true", help="through the tunnel of its agent")
    put.add_argument("--old-algorithms", action="store_true", help="SHA-1 is let in")
    put.add_argument("--value", action="append", default=[], metavar="K=V", help="may repeat")
    persons.option(put)
    show = leaf(inner, "list", "the devices of all sites, or of one", _list)
    show.add_argument("--site", metavar="CODE")
    gone = leaf(inner, "remove", "forget a device", _remove)
    gone.add_argument("site", metavar="SITE")
    gone.add_argument("device", metavar="DEVICE")
    persons.option(gone)


def _set(args: argparse.Namespace) -> int:
    user, at, place = args.address.rpartition("@")
    if not at or not user:
        raise Refused("USER@HOST", f"expected something like admin@10.0.0.1, got {args.address!r}")
    address, port = _place(place)
    way = Way.JUMP if args.jump else Way.TUNNEL if args.tunnel else Way.DIRECT
    host = Host(
        _site(args.site),
        args.device,
        Platform(args.platform),
        address,
        port,
        _login(user, args.key),
        tuple(line.strip() for line in args.host_key),
        way,
        old_algorithms=args.old_algorithms,
        values=dict(pair("--value", text) for text in args.value),
    )
    secret = load_secret(settings_of(args).folder)
    with store_of(args) as store, writing(store) as connection:
        host_rows.put(connection, secret, host, args.jump, time.time(), persons.by(args))
    return 0


def _site(text: str) -> str:
    return "" if text == "-" else text


def _place(text: str) -> tuple[str, int]:
    """HOST, HOST:PORT or [IPv6]:PORT."""
    host, colon, port = text.rpartition(":")
    if not colon or (text.count(":") > 1 and not host.endswith("]")):
        return text.strip("[]"), 22
    if not (port.isascii() and port.isdecimal()):
        raise Refused("PORT", f"expected a number, got {port[:20]!r}")
    return host.strip("[]"), int(port)


def _login(user: str, key: Path | None) -> Login:
    if key is not None:
        try:
            return Login(user, key=key.read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(str(key), "cannot be read as a private key") from error
    return Login(user, password=typed(f"password of {user}: "))


def typed(prompt: str) -> str:
    """What somebody types without its being shown, or the next line of a pipe."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")


def pair(option: str, text: str) -> tuple[str, str]:
    """K=V as an option gives it."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused(option, f"expected K=V, got {text[:60]!r}")
    return name, value


def _list(args: argparse.Namespace) -> int:
    secret = load_secret(settings_of(args).folder)
    with store_of(args) as store, reading(store) as connection:
        if args.site:
            found, more = host_rows.of_site(connection, secret, _site(args.site)), 0
        else:
            found, more = host_rows.kept(connection, secret, MOST_SHOWN)
    if more:
        print(f"ronda: {more} more are not shown: name a site, --site CODE", file=sys.stderr)
    rows = [_row(one) for one in found]
    if args.json:
        print_json(rows)
    else:
        headers = ("site", "device", "platform", "address", "port", "user", "way", "state")
        print_table(headers, [[row[name] for name in headers] for row in rows])
    return 0


def _row(one: host_rows.Kept) -> dict[str, Any]:
    host = one.host
    state = "ready" if one.readable else "enter its login again"
    return {
        "site": host.site or "-",
        "device": host.device,
        "platform": host.platform.value,
        "address": host.address,
        "port": host.port,
        "user": host.login.user,
        "way": host.way.value,
        "state": state if host.host_keys else "no host key is known",
        "host_keys": list(host.host_keys),
        "old_algorithms": host.old_algorithms,
        "values": dict(host.values),
    }


def _remove(args: argparse.Namespace) -> int:
    who, now = persons.by(args), time.time()
    with store_of(args) as store, writing(store) as connection:
        if not host_rows.remove(connection, _site(args.site), args.device, now, who):
            why = "no such device is kept; see: ronda hosts list"
            raise Refused(f"{args.site}/{args.device}", why)
    return 0
