"""`ronda playbooks agent`: the agent as one file: made, taken in, and which one this centre has."""

import argparse
import hashlib
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.cli_common import leaf, print_json, settings_of
from playbooks import agent_file

_KEY = "~/.config/ronda/agent-signing.pem"


def commands(inner: Any) -> None:
    """Add to `ronda playbooks`."""
    agent = leaf(inner, "agent", "the agent as one file, which this centre brings to devices", _do)
    agent.add_argument("--make", metavar="FOLDER", help="make and sign one of this program")
    agent.add_argument("--key", default=_KEY, metavar="FILE", help=f"to sign with ({_KEY})")
    agent.add_argument("--take", metavar="FILE", help="take one in, with FILE.sig beside it")
    agent.add_argument("--signer", metavar="FILE", help="trust this public key from now on")


def _do(args: argparse.Namespace) -> int:
    if args.signer and not args.take:
        raise Refused("--signer", "goes with --take")
    if args.make:
        data, public = _make(Path(args.make), Path(args.key).expanduser())
    else:
        folder = settings_of(args, new=True).folder
        if args.take:
            agent_file.take(folder, Path(args.take), Path(args.signer) if args.signer else None)
        data = agent_file.taken(folder)
        public = (folder / agent_file.FOLDER / agent_file.SIGNER).read_bytes()
    told = {
        "release": agent_file.release(data),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "signer_sha256": hashlib.sha256(public).hexdigest(),
    }
    if args.json:
        print_json(told)
    else:
        print("\n".join(f"{key} {value}" for key, value in told.items()))
    return 0


def _make(folder: Path, key: Path) -> tuple[bytes, bytes]:
    """The file, its sum, its signature and the public key, in `folder`."""
    data = agent_file.built()
    signature, public = agent_file.signed(data, key)
    folder.mkdir(parents=True, exist_ok=True)
    name = agent_file.NAME
    line = f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode()
    files = {f"{name}.sig": signature, f"{name}.sha256": line, "ronda-agent.pub": public}
    for each, text in {**files, name: data}.items():
        (folder / each).write_bytes(text)
    (folder / name).chmod(0o755)
    return data, public
