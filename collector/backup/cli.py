"""`ronda backup` and `ronda restore`; the words in the place of FILE are in `cli_night.py`."""

import argparse
import getpass
import os
import sys
import time
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.backup import cli_night
from collector.backup.envelope import is_closed
from collector.backup.making import make
from collector.backup.restoring import header_of, restore
from collector.cli_common import iso, leaf, print_json, settings_of
from collector.finding import few

PASSPHRASE = "RONDA_BACKUP_PASSPHRASE"


def commands(subparsers: Any) -> None:
    """Add the two commands to `ronda`."""
    save = leaf(subparsers, "backup", "all of this centre in one file, while it runs", _backup)
    words = f"where to; or one of the words {', '.join(cli_night.WORDS)}"
    save.add_argument("file", type=Path, metavar="FILE", help=words)
    words = f"secrets too, under a passphrase (asked for, or {PASSPHRASE})"
    save.add_argument("--with-key", action="store_true", help=words)
    words = "nothing of it can be read without the passphrase; secrets too"
    save.add_argument("--encrypt", action="store_true", help=words)
    back = leaf(subparsers, "restore", "a centre of a backup, while none runs", _restore)
    back.add_argument("file", type=Path, metavar="FILE")
    words = "when there are data already: move them aside"
    back.add_argument("--force", action="store_true", help=words)


def _backup(args: argparse.Namespace) -> int:
    if str(args.file) in cli_night.WORDS:
        return cli_night.run(args, str(args.file))
    passphrase = _passphrase(twice=True) if args.with_key or args.encrypt else None
    made = make(settings_of(args), args.file, passphrase, time.time(), closed=args.encrypt)
    if args.json:
        told = {"file": str(args.file), "bytes": made.bytes, "journal_end": made.end}
        told |= {"with_key": passphrase is not None, "encrypted": args.encrypt}
        told |= {"enter_again": list(made.enter_again)}
        print_json({**told, "left_out": list(made.left_out)})
        return 0
    print(f"{args.file}: {made.bytes / (1 << 20):.1f} MiB, journal up to {made.end}")
    if made.enter_again:
        print(f"without secrets (--with-key): {', '.join(made.enter_again)}")
    if made.left_out:
        print(f"left out, no plain files of this folder: {few(made.left_out)}")
    return 0


def _restore(args: argparse.Namespace) -> int:
    settings = settings_of(args, new=True)
    passphrase = _passphrase() if is_closed(args.file) else None
    sealed = header_of(args.file, settings, passphrase).get("with_key") is True
    if sealed and passphrase is None:
        passphrase = _passphrase()
    done = restore(settings, args.file, passphrase, time.time(), args.force)
    if args.json:
        told = {"data": str(settings.folder), "made_at": iso(done.made_at), "aside": done.aside}
        print_json({**told, "enter_again": list(done.enter_again)})
        return 0
    print(f"{settings.folder}: restored from a backup of {iso(done.made_at)}")
    if done.aside:
        print(f"what was there before: {done.aside}")
    if done.enter_again:
        print(f"enter again: {', '.join(done.enter_again)}")
    print("enrolment codes are void and sessions ended; after the start see ronda doctor")
    return 0


def _passphrase(twice: bool = False) -> str:
    given = os.environ.get(PASSPHRASE)
    if given is None:
        if not sys.stdin.isatty():
            raise Refused(PASSPHRASE, "not set, and nobody can be asked")
        given = getpass.getpass("passphrase of the backup: ")
        if twice and given and getpass.getpass("again: ") != given:
            raise Refused("passphrase", "the two are not the same")
    if not given:
        raise Refused("passphrase", "is empty")
    return given
