"""Refusals that several kinds of probe share."""

from agent.strict import Refused
from agent.wire import split_url, tls_context


def between(place: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise Refused(place, f"must be {low:g} to {high:g}")


def host(place: str, text: str) -> None:
    """A name or an address that no command could take for an option."""
    fine = text and len(text) <= 253 and text.isascii() and text.isprintable()
    if not fine or text.startswith("-") or " " in text:
        raise Refused(place, f"not a host: {text[:80]!r}")


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
