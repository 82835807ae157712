"""Is a value what its parameter says it is? Only then does a command ever hold it.

Each type lets in a small set of characters, none of which means anything to a shell or to
RouterOS; secrets alone may hold any printable character, and are always quoted.
"""

import ipaddress
import re
from collections.abc import Callable, Container, Mapping, Sequence

from agent.strict import Refused
from playbooks.model import Kind, Parameter

_LONGEST = 255
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/-]{0,62}")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}")
_ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,140}-[0-9]{8}T[0-9]{6}Z")
_INT = re.compile(r"0|-?[1-9][0-9]{0,17}")


def accepted(
    parameters: Sequence[Parameter], given: Mapping[str, str], needed: Container[str] | None = None
) -> dict[str, str]:
    """Every parameter with its value, its default where none is given; Refused names the first
    that is missing, unknown or not of its type. `needed`: only these must not be missing."""
    known = {parameter.name for parameter in parameters}
    for name in given:
        if name not in known:
            told = f"known are {', '.join(sorted(known))}" if known else "there are none"
            raise Refused(name[:60], f"unknown parameter; {told}")
    found = {each.name: given.get(each.name, each.default) for each in parameters}
    return {
        each.name: _accepted(each, found[each.name])
        for each in parameters
        if found[each.name] is not None or needed is None or each.name in needed
    }


def of_kind(kind: Kind, text: str) -> str:
    """The value in its canonical form; Refused says what was expected, never repeating a secret."""
    if len(text) > _LONGEST:
        raise Refused("", f"longer than {_LONGEST} characters")
    return _READERS[kind](text)


def _accepted(parameter: Parameter, text: str | None) -> str:
    if text is None:
        raise Refused(parameter.name, "missing")
    try:
        value = of_kind(parameter.kind, text)
        if parameter.kind is Kind.ENUM and value not in parameter.choices:
            raise Refused("", f"expected one of {', '.join(parameter.choices)}, got {text[:60]!r}")
        if parameter.kind is Kind.INT:
            _within(int(value), parameter)
    except Refused as refused:
        raise Refused(parameter.name, refused.problem) from None
    return value


def _within(number: int, parameter: Parameter) -> None:
    if parameter.least is not None and number < parameter.least:
        raise Refused("", f"must be {parameter.least} or more")
    if parameter.most is not None and number > parameter.most:
        raise Refused("", f"must be {parameter.most} or less")


def _ip(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refused("", f"expected an IP address, got {text[:60]!r}") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        raise Refused("", f"expected an IP address without a zone, got {text[:60]!r}")
    return str(address)


def _cidr(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=True)
    except ValueError:
        told = f"expected a network such as 10.0.0.0/24, got {text[:60]!r}"
        raise Refused("", told) from None
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.scope_id:
        raise Refused("", f"expected a network without a zone, got {text[:60]!r}")
    return str(network)


def _matching(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if pattern.fullmatch(text) is None or ".." in text:
            raise Refused("", f"expected {expected}, got {text[:60]!r}")
        return text

    return read


def _secret(text: str) -> str:
    if not text or not all(" " <= c <= "~" for c in text):
        raise Refused("", "expected 1 to 255 printable ASCII characters")
    return text


_READERS: Mapping[Kind, Callable[[str], str]] = {
    Kind.IP: _ip,
    Kind.CIDR: _cidr,
    Kind.HOSTNAME: _matching(_HOSTNAME, "a host name"),
    Kind.INTERFACE: _matching(_INTERFACE, "an interface such as ether1 or br-lan"),
    Kind.IDENTIFIER: _matching(_IDENTIFIER, "letters, digits and . _ @ : -"),
    Kind.ENUM: _matching(_IDENTIFIER, "letters, digits and . _ @ : -"),
    Kind.INT: _matching(_INT, "a whole number"),
    Kind.SECRET: _secret,
    Kind.ARCHIVE: _matching(_ARCHIVE, "the name of an archive"),
}
