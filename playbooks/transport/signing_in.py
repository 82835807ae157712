"""Signing in to a machine whose key was proved: by its private key, by a password, or by both."""

from functools import lru_cache
from typing import Any

import paramiko

from collector.ssh_keys import RSA, NotAKey, private_key
from playbooks.hosts import Login
from playbooks.transport.algorithms import old_form
from playbooks.transport.reasons import NotLetIn

_PASSWORDS = {"password", "keyboard-interactive"}


def sign_in(transport: Any, login: Login, old: bool) -> None:
    """NotLetIn says what was not accepted, and what to do."""
    if not login.key:
        _by_password(transport, login)
        return
    try:
        key = _opened(login.key, login.password)
    except NotAKey as error:
        raise NotLetIn(f"the key of {login.user} {error}: enter it again") from error
    try:
        wanted = _by_key(transport, login.user, key, old)
    except paramiko.BadAuthenticationType as error:
        told = f"takes no key of {login.user}, only {', '.join(error.allowed_types)}"
        raise NotLetIn(f"{told}: enter a password") from error
    except paramiko.AuthenticationException as error:
        _heard(transport, error)
        told = "is not accepted: put its public part on the device"
        raise NotLetIn(f"the key of {login.user} {told}") from error
    if wanted:
        _by_password(transport, login)


@lru_cache(maxsize=16)
def _opened(key: str, passphrase: str) -> Any:
    """Opening one under a passphrase takes a second, and one key may be that of all devices."""
    return private_key(key, passphrase)


def _by_key(transport: Any, user: str, key: Any, old: bool) -> list[str]:
    """What the machine wants besides."""
    try:
        return list(transport.auth_publickey(user, key))
    except paramiko.BadAuthenticationType:
        raise
    except paramiko.AuthenticationException:
        if not (old and key.get_name() == RSA and transport.is_active()):
            raise
    # it does not say which signatures it reads, and it did not read one of today
    transport._preferred_pubkeys = (RSA,)
    return list(transport.auth_publickey(user, old_form(key)))


def _by_password(transport: Any, login: Login) -> None:
    try:
        more = transport.auth_password(login.user, login.password)
    except paramiko.BadAuthenticationType as error:
        if _PASSWORDS & set(error.allowed_types):
            raise _wrong(login) from error
        told = f"takes no password of {login.user}, only {', '.join(error.allowed_types)}"
        raise NotLetIn(f"{told}: enter a private key") from error
    except paramiko.AuthenticationException as error:
        _heard(transport, error)
        raise _wrong(login) from error
    if more:
        told = f"wants more than a password of {login.user}, also {', '.join(more)}"
        raise NotLetIn(f"{told}: allow one of them to be enough")


def _wrong(login: Login) -> NotLetIn:
    return NotLetIn(f"the password of {login.user} is not accepted: enter it again")


def _heard(transport: Any, error: Exception) -> None:
    """Was that an answer to who signs in, or no answer at all?"""
    if "timeout" in str(error).lower():
        raise TimeoutError from error
    if not transport.is_active():
        raise NotLetIn(
            "hangs up at the sign-in: wait some minutes, it may have had too many attempts"
        ) from error
