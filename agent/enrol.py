"""An agent and its collector meet: a code becomes a token, and the CA is pinned."""

import base64
import glob
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agent import diary
from agent.clock import Clock
from agent.identity import SPOOL, Home, Identity, new_nonce
from agent.strict import Refused
from agent.wire import Connection, WireError, split_url, tls_context

_FINGERPRINT_BYTES = 16
_AGAIN_S = 60.0
_RETRY_S = 5.0
_WHY_NOT = {
    "unknown": "the code is not known",
    "used": "the code was used by another agent",
    "expired": "the code is too old",
}


class NotEnrolled(Exception):
    """The answer is no; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person typed; `ca` is a CA in PEM or ""."""

    url: str
    code: str
    name: str
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a network and an approval, and by which clock."""

    wait_s: float
    steady: Callable[[], float]
    pause: Callable[[float], None]
    # who hears why it takes so long
    tell: Callable[[str], None] = lambda why: diary.say_once("enrol", f"{why}; trying again")


def enrol(home: Home, request: Request, clock: Clock, patience: Patience) -> Identity:
    """The identity the collector gave, already kept in `home`.

    A lost answer burns nothing: the nonce is kept before it is first sent, and the same code
    and nonce get the same answer. An agent that was enrolled before stays who it was until
    another code is accepted.
    """
    _address(request.url)
    home.make()
    lock = home.lock()
    try:
        known = _known(home)
        code, _, fingerprint = request.code.partition(".")
        if known and known.token and (known.url, known.code) == (request.url, code):
            return known
        wanted = _begin(home, request.url, code, request.ca)
        wanted, answer = _until_answered(wanted, fingerprint, request.name, clock, patience)
        return _keep(home, wanted, answer, known)
    finally:
        os.close(lock)


def _until_answered(
    wanted: Identity, fingerprint: str, name: str, clock: Clock, patience: Patience
) -> tuple[Identity, dict[str, Any]]:
    deadline = patience.steady() + patience.wait_s
    while True:
        try:
            wanted = _pinned(wanted, fingerprint)
            answer = _ask(wanted, name, clock)
        except WireError as error:
            answer, again_s, why = None, _RETRY_S, str(error)
        else:
            again_s, why = _AGAIN_S, "the collector's people have not approved it yet"
        if answer is not None:
            return wanted, answer
        if patience.steady() + again_s > deadline:
            raise NotEnrolled(why)
        patience.tell(why)
        patience.pause(again_s)


def _pinned(wanted: Identity, fingerprint: str) -> Identity:
    if not fingerprint or wanted.ca or _address(wanted.url)[0] != "https":
        return wanted
    return replace(wanted, ca=pinned_ca(wanted.url, fingerprint))


def pinned_ca(url: str, fingerprint: str) -> str:
    """The CA (PEM) of the chain the server shows whose fingerprint is the one in the code."""
    import ssl

    _, host, port, _ = _address(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # first contact: the fingerprint decides below, nothing is sent before
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), 10.0) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown = _chain(connection)
    except OSError as error:
        raise WireError(f"no TLS with {host}:{port}: {error}") from error
    for der in shown:
        if fingerprint_of(der) == fingerprint.upper():
            return ssl.DER_cert_to_PEM_cert(der)
    raise Refused("code", f"{host} does not show the certificate the code stands for")


def fingerprint_of(der: bytes) -> str:
    """26 characters that stand for a certificate (DER)."""
    digest = hashlib.sha256(der).digest()[:_FINGERPRINT_BYTES]
    return base64.b32encode(digest).decode().rstrip("=")


def _known(home: Home) -> Identity | None:
    """Who this agent is until now; a spoilt file is what enrolling anew mends."""
    try:
        return home.identity()
    except Refused as refused:
        diary.say(str(refused))
        return None


def _begin(home: Home, url: str, code: str, ca: str) -> Identity:
    """What is asked for, kept before it is asked; an enrolment broken off goes on."""
    begun = home.pending()
    if begun and (begun.url, begun.code) == (url, code) and begun.nonce:
        return replace(begun, ca=ca or begun.ca)
    wanted = Identity(url=url, code=code, nonce=new_nonce(), ca=ca)
    home.keep_pending(wanted)
    return wanted


def _ask(wanted: Identity, name: str, clock: Clock) -> dict[str, Any] | None:
    """The enrolment; None while it waits for approval. NotEnrolled when refused."""
    scheme, host, port, path = _address(wanted.url)
    context = tls_context(wanted.ca or None, clock.dates_count()) if scheme == "https" else None
    body = json.dumps(
        {
            "code": wanted.code,
            "name": name,
            "boot": clock.boot,
            "nonce": wanted.nonce,
            "host_keys": host_keys(),
        }
    ).encode()
    with Connection(scheme, host, port, context) as connection:
        answer = connection.request("POST", path.rstrip("/") + "/api/v1/enrol", {}, body)
    table = _table(answer.body)
    if answer.status == 202:
        return None
    if answer.status == 403:
        raise NotEnrolled(_WHY_NOT.get(str(table.get("reason")), "the code is refused"))
    if answer.status in (429, 503):
        raise WireError(f"the collector is busy ({answer.status})")
    if answer.status != 200 or not isinstance(table.get("token"), str):
        why = table.get("error") or "is this the address of a collector?"
        raise NotEnrolled(f"{wanted.url} answers {answer.status}: {why}")
    return table


def _keep(home: Home, wanted: Identity, answer: dict[str, Any], known: Identity | None) -> Identity:
    identity = replace(
        wanted,
        agent=str(answer.get("agent", "")),
        token=answer["token"],
        key=str(answer.get("key") or ""),
        site=str(answer.get("site") or ""),
        ca=str(answer.get("ca") or "") or wanted.ca,
        ssh_host_key=str(answer.get("ssh_host_key") or ""),
        nonce="",
    )
    if known and known.site and known.site != identity.site:
        # a machine that moved: what it saw there must not be told of the other village
        shutil.rmtree(home.path(SPOOL), ignore_errors=True)
    if isinstance(answer.get("config"), dict) and answer["config"]:
        # without an ETag: the first report brings it, and the whole is fetched once
        home.keep_config(answer["config"], "")
    home.keep_identity(identity)
    home.end_pending()
    return identity


def host_keys() -> list[str]:
    """This machine's public SSH host keys, so that the collector can pin them."""
    keys = []
    for path in sorted(glob.glob("/etc/ssh/ssh_host_*_key.pub")):
        try:
            with open(path, encoding="ascii") as file:
                keys.append(" ".join(file.read().split()[:2]))
        except (OSError, UnicodeDecodeError):
            continue
    return keys


def default_name() -> str:
    return socket.gethostname()


def _chain(connection: Any) -> list[bytes]:
    """The certificates (DER) the server showed, its own first."""
    # public only from Python 3.13 on; before, the object beneath has it
    show = getattr(connection, "get_unverified_chain", None)
    if show is not None:
        return list(show())
    shown = connection._sslobj.get_unverified_chain() or ()
    return [certificate.public_bytes(2) for certificate in shown]


def _address(url: str) -> tuple[str, str, int, str]:
    try:
        return split_url(url)
    except ValueError as error:
        raise Refused("URL", str(error)) from None


def _table(body: bytes) -> dict[str, Any]:
    try:
        table = json.loads(body)
    except ValueError:
        return {}
    return table if isinstance(table, dict) else {}
