"""A device on loopback that misbehaves as it is told to; speaks v2c with pysnmp's messages."""

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from agent.probes.snmp.message import Oid

TOO_BIG = 1


@dataclass
class FakeDevice:
    """`values` by OID; more values than `most` in an answer: tooBig, or nothing if `mute`.

    `late_s` it waits before it answers, `lose` it drops so many questions first, `circle` sends
    every walk back to its beginning, `garbage` comes before each answer."""

    values: Mapping[Oid, Any]
    most: int = 1000
    mute: bool = False
    late_s: float = 0.0
    lose: int = 0
    circle: bool = False
    garbage: bytes = b""
    asked: list[int] = field(default_factory=list)
    _socket: socket.socket = field(default_factory=lambda: socket.socket(type=socket.SOCK_DGRAM))

    def __post_init__(self) -> None:
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            # an empty one says that we were closed
            while (heard := self._socket.recvfrom(65535))[0]:
                self._answer(*heard)

    def _answer(self, datagram: bytes, asker: Any) -> None:
        message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
        question = v2c.apiMessage.get_pdu(message)
        rows, error = self._rows(question), 0
        self.asked.append(len(rows))
        if self.lose:
            self.lose -= 1
            return
        if len(rows) > self.most:
            if self.mute:
                return
            rows, error = v2c.apiPDU.get_varbinds(question), TOO_BIG
        time.sleep(self.late_s)
        answer = v2c.apiMessage.get_response(message)
        reply = v2c.apiMessage.get_pdu(answer)
        v2c.apiPDU.set_varbinds(reply, rows)
        v2c.apiPDU.set_error_status(reply, error)
        if self.garbage:
            self._socket.sendto(self.garbage, asker)
        self._socket.sendto(encoder.encode(answer), asker)

    def _rows(self, question: Any) -> list[tuple[Oid, Any]]:
        oids = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(question)]
        kind = question.__class__.__name__
        if kind == "GetRequestPDU":
            return [(name, self.values.get(name, v2c.NoSuchObject(""))) for name in oids]
        times = 1
        if kind == "GetBulkRequestPDU":
            times = int(v2c.apiBulkPDU.get_max_repetitions(question))
        rows = []
        for _ in range(times):
            for place, name in enumerate(oids):
                oids[place], value = self._next(name)
                rows.append((oids[place], value))
        return rows

    def _next(self, name: Oid) -> tuple[Oid, Any]:
        """What follows; after the last the same name and the word that it is the end."""
        after = min((o for o in self.values if o > name), default=None)
        if self.circle and name in self.values and (after is None or after[:-1] != name[:-1]):
            after = min(o for o in self.values if o[:-1] == name[:-1])
        return (name, v2c.EndOfMibView("")) if after is None else (after, self.values[after])
