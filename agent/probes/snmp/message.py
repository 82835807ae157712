"""One question to a device and its answer in plain values; pysnmp's classes know the encoding."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto.api import v2c

Oid = tuple[int, ...]
# numbers, octets, an OID, or None: the device has nothing there
Value = int | float | bytes | Oid | None
Row = tuple[Oid, Value]

TOO_BIG, NO_ACCESS = 1, (6, 16)
_NOTHING = frozenset({"NoSuchObject", "NoSuchInstance", "EndOfMibView"})
_OPAQUE_FLOAT, _OPAQUE_DOUBLE = b"\x9f\x78\x04", b"\x9f\x79\x08"


class Garbled(Exception):
    """What came is no answer to what was asked."""


class Denied(Exception):
    """The device answers, and will not tell us."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: `repetitions` 0 is a GET, `following` a GETNEXT, more is a GETBULK."""

    oids: tuple[Oid, ...]
    repetitions: int = 0
    following: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: `error` is its error-status, 0 for none; `report` marks a v3 report."""

    request: int
    error: int
    rows: Sequence[Row]
    report: bool = False
    # which name an error is about, from 1; 0: none in particular
    index: int = 0


def oid(text: str) -> Oid:
    """An OID from its dotted text; ValueError when it is none."""
    parts = tuple(int(part) for part in text.strip(".").split("."))
    if len(parts) < 2 or min(parts) < 0:
        raise ValueError(f"not an OID: {text[:60]!r}")
    return parts


def pdu(ask: Ask, request: int) -> Any:
    """The question as pysnmp writes it."""
    if ask.repetitions:
        made = v2c.GetBulkRequestPDU()
        v2c.apiBulkPDU.set_defaults(made)
        v2c.apiBulkPDU.set_max_repetitions(made, ask.repetitions)
    else:
        made = v2c.GetNextRequestPDU() if ask.following else v2c.GetRequestPDU()
        v2c.apiPDU.set_defaults(made)
    v2c.apiPDU.set_request_id(made, request)
    v2c.apiPDU.set_varbinds(made, [(name, v2c.Null("")) for name in ask.oids])
    return made


def told(answer: Any) -> Told:
    """The answer in plain values."""
    api = v2c.apiPDU
    try:
        rows = [(tuple(name), plain(value)) for name, value in api.get_varbinds(answer)]
        request, error = int(api.get_request_id(answer)), int(api.get_error_status(answer))
        index = int(api.get_error_index(answer)) if error else 0
    except (PyAsn1Error, AttributeError, TypeError, ValueError) as wrong:
        raise Garbled("no answer but something else") from wrong
    return Told(request, error, rows, answer.__class__.__name__ == "ReportPDU", index)


class Plain:
    """How SNMPv2c speaks, and v1: a community, and nothing to be settled before.

    What v1 can ask and say is written by both in the same octets, but for the version.
    """

    introduced = True

    def __init__(self, community: str, version: int = 2) -> None:
        self._community, self._version = community.encode(), version - 1

    def hello(self, request: int) -> bytes:
        return self.write(Ask(()), request)

    def write(self, ask: Ask, request: int) -> bytes:
        """The datagram of a question."""
        message = v2c.Message()
        v2c.apiMessage.set_defaults(message)
        message.setComponentByPosition(0, self._version)
        v2c.apiMessage.set_community(message, self._community)
        v2c.apiMessage.set_pdu(message, pdu(ask, request))
        return bytes(encoder.encode(message))

    def read(self, datagram: bytes) -> Told | None:
        """The answer in a datagram."""
        return told(v2c.apiMessage.get_pdu(decode(datagram, v2c.Message())))


def decode(octets: bytes, spec: Any) -> Any:
    """What pyasn1 makes of it; Garbled, whatever is wrong."""
    try:
        return decoder.decode(octets, asn1Spec=spec)[0]
    except (PyAsn1Error, IndexError, ValueError, TypeError) as error:
        words = str(error).partition("\n")[0]
        raise Garbled(f"an answer that cannot be read: {words[:100]}") from error


def plain(value: Any) -> Value:
    """A value of pysnmp as a plain one."""
    kind = value.__class__.__name__
    if kind in _NOTHING:
        return None
    if kind == "Null":
        # it is there, and says nothing
        return b""
    if kind == "ObjectIdentifier":
        return tuple(value)
    if kind == "Opaque":
        return _opaque(bytes(value))
    if kind == "IpAddress":
        return ".".join(str(part) for part in bytes(value)).encode()
    return bytes(value) if hasattr(value, "asOctets") else int(value)


def _opaque(octets: bytes) -> Value:
    """net-snmp wraps floating numbers into octets."""
    if octets.startswith(_OPAQUE_FLOAT) and len(octets) == 7:
        return float(struct.unpack(">f", octets[3:])[0])
    if octets.startswith(_OPAQUE_DOUBLE) and len(octets) == 11:
        return float(struct.unpack(">d", octets[3:])[0])
    return octets
