"""Refusals that several kinds of probe share."""

from typing import Protocol

from agent.probes.dns_message import labels_of
from agent.strict import Refused
from agent.wire import split_url, tls_context

_MOST_TEXTS = 100
_TEXT_CHARACTERS = 4000


class Target(Protocol):
    """A check of a server behind a port."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def timeout_s(self) -> float: ...


def between(place: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise Refused(place, f"must be {low:g} to {high:g}")


def host(place: str, text: str) -> None:
    """A name or an address that no command could take for an option."""
    fine = text and len(text) <= 253 and text.isascii() and text.isprintable()
    if not fine or text.startswith("-") or " " in text:
        raise Refused(place, f"not a host: {text[:80]!r}")


def called(place: str, text: str) -> None:
    """What people call a thing: it becomes a label."""
    if len(text) > 100 or not text.isprintable():
        raise Refused(place, "not up to 100 printable characters")


def domain(place: str, text: str) -> None:
    """A name with a dot: desa.id and not localhost."""
    try:
        fine = len(labels_of(text)) > 1
    except ValueError:
        fine = False
    if not fine or any(not (c.isalnum() or c in "-._") for c in text) or text.startswith("-"):
        raise Refused(place, f"not a domain: {text[:80]!r}")


def url(place: str, text: str) -> None:
    try:
        split_url(text)
    except ValueError as error:
        raise Refused(place, str(error)) from None


def authority(place: str, pem: str) -> None:
    try:
        tls_context(pem, check_dates=True)
    except ValueError as error:
        raise Refused(place, str(error)) from None


def texts(place: str, given: tuple[str, ...]) -> None:
    """What to look for in a page: plain texts, not too many, none of them empty."""
    if len(given) > _MOST_TEXTS or sum(map(len, given)) > _TEXT_CHARACTERS:
        raise Refused(place, f"must be {_MOST_TEXTS} texts or fewer, {_TEXT_CHARACTERS} characters")
    if not all(text.strip() for text in given):
        raise Refused(place, "an empty text stands in every page")


def target(rule: Target) -> None:
    """What checks of a server and its port have in common."""
    host("host", rule.host)
    between("port", rule.port, 1, 65535)
    between("timeout_s", rule.timeout_s, 0.1, 30)
