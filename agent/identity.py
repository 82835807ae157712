"""Who this agent is to its collector: token, pinned CA, address; kept across restarts."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from agent import ground
from agent.segments import remove, write_whole
from agent.strict import Refused, build

SPOOL = "spool"
_IDENTITY, _CONFIG, _PENDING = "identity.json", "config.json", "enrol.json"


@dataclass(frozen=True)
class Identity:
    """`old_token` is tried when the new one is not known yet; `code` is what it was enrolled with;
    `nonce` is of an enrolment or a rotation whose answer has not come: trying again with it
    repeats nothing."""

    url: str
    agent: str = ""
    token: str = ""
    old_token: str = ""
    key: str = ""
    site: str = ""
    ca: str = ""
    ssh_host_key: str = ""
    code: str = ""
    nonce: str = ""


class Home:
    """The agent's folder: identity and received configuration; only its owner can read it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def make(self) -> None:
        """Refused when the folder cannot be made."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise Refused(self.folder, error.strerror or str(error)) from error

    def lock(self) -> int:
        """A lock that ends with the process; Refused while another agent holds it."""
        try:
            return ground.lock(self.folder)
        except BlockingIOError:
            raise Refused(self.folder, "another agent runs on this folder") from None
        except OSError as error:
            raise Refused(self.folder, error.strerror or str(error)) from error

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def identity(self) -> Identity | None:
        """None before enrolment; Refused when the file cannot be used."""
        return self._identity(_IDENTITY)

    def keep_identity(self, identity: Identity) -> None:
        self._write(_IDENTITY, asdict(identity))

    def pending(self) -> Identity | None:
        """An enrolment that was begun; the identity in use stays until it succeeds."""
        try:
            return self._identity(_PENDING)
        except Refused:
            return None

    def keep_pending(self, wanted: Identity) -> None:
        self._write(_PENDING, asdict(wanted))

    def end_pending(self) -> None:
        remove(self.path(_PENDING))

    def config(self) -> tuple[Mapping[str, Any], str] | None:
        """The configuration last received, with its ETag; None when there is none."""
        kept = self._read(_CONFIG)
        if not kept or not isinstance(kept.get("config"), dict):
            return None
        return kept["config"], str(kept.get("etag", ""))

    def keep_config(self, table: Mapping[str, Any], etag: str, knows: str = "") -> None:
        """`knows`: what the agent that took it said it knows."""
        self._write(_CONFIG, {"etag": etag, "config": table, "knows": knows})

    def keep_knowing(self, knows: str) -> None:
        """The collector was told this of the agent whose configuration is kept."""
        kept = self._read(_CONFIG)
        if kept and kept.get("knows") != knows:
            self._write(_CONFIG, {**kept, "knows": knows})

    def knew(self) -> str:
        """What the collector was last told that this agent knows."""
        try:
            kept = self._read(_CONFIG)
        except Refused:
            return ""
        return str(kept.get("knows", "")) if kept else ""

    def _identity(self, name: str) -> Identity | None:
        table = self._read(name)
        if table is None:
            return None
        try:
            return build(Identity, table)
        except Refused as refused:
            raise Refused(f"{self.path(name)}: {refused.place}", refused.problem) from None

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            with open(self.path(name), "rb") as file:
                table = json.loads(file.read())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Refused(self.path(name), f"cannot be read: {error}") from error
        if not isinstance(table, dict):
            raise Refused(self.path(name), "expected a table")
        return table

    def _write(self, name: str, table: Mapping[str, Any]) -> None:
        """Whole or not at all, also when the power goes: a half token would end reporting."""
        new = self.path(name + ".new")
        write_whole(new, json.dumps(table, indent=1).encode())
        os.replace(new, self.path(name))
        ground.sync_folder(self.folder)


def new_nonce() -> str:
    return os.urandom(16).hex()


def with_token(identity: Identity, token: str, key: str) -> Identity:
    """The identity after a rotation: the token in use until now becomes the old one."""
    old = identity.old_token if token == identity.token else identity.token
    return replace(identity, token=token, old_token=old, key=key, nonce="")


def swapped(identity: Identity) -> Identity:
    """The old token first, the other one kept."""
    return replace(identity, token=identity.old_token, old_token=identity.token)


def public(identity: Identity) -> dict[str, str]:
    """What may be shown: no token, no key."""
    secret = {"token", "old_token", "key", "nonce", "code", "ca"}
    return {f.name: getattr(identity, f.name) for f in fields(Identity) if f.name not in secret}
