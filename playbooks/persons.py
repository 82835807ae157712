"""Who gives a command here, as the system knows it; and whether two names are two people."""

import argparse
import os
import pwd
from collections.abc import Callable
from pathlib import Path

from agent.strict import Refused

# how the kernel says that nobody has signed in to this session
_NOBODY = 2**32 - 1
_LONGEST = 60
# names of nobody's: Ronda itself, and what begins by itself
_NO_PEOPLE = ("", "ronda", "otomatis")
_PROGRAM = "token:"


def option(parser: argparse.ArgumentParser) -> None:
    """Add `--by`: for whom; who gives the command is known without it."""
    parser.add_argument("--by", metavar="NAME", default="", help="for whom, where not for you")


def by(args: argparse.Namespace) -> str:
    """Who gives this command, as history will say: `siti (login)`, `siti (login) for Pak Budi`."""
    if not args.by.isprintable() or len(args.by) > _LONGEST:
        raise Refused("--by", f"expected a name of up to {_LONGEST} printable characters")
    return f"{here()} for {args.by}" if args.by else here()


def here() -> str:
    """The account that this process is of; nothing that it could have set itself has a say."""
    return named(_signed_in(), os.getuid(), _account)


def named(signed_in: int | None, uid: int, account: Callable[[int], str]) -> str:
    """The account that signed in, whatever it has become by su or sudo since; where the system
    does not know that, the one that the command runs as."""
    if signed_in is not None and signed_in != _NOBODY:
        return f"{account(signed_in)} (login)"
    return f"{account(uid)} (account)"


def known(name: str) -> str:
    """The person behind a name of history; "" for what is nobody."""
    person = name.partition(" (")[0].casefold()
    return "" if person in _NO_PEOPLE or person.startswith(_PROGRAM) else person


def two(one: str, other: str) -> bool:
    """Are these two people?"""
    return bool(known(one) and known(other)) and known(one) != known(other)


def _signed_in() -> int | None:
    try:
        return int(Path("/proc/self/loginuid").read_text())
    except (OSError, ValueError):
        return None


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        # a container's user has a number only
        return str(uid)
