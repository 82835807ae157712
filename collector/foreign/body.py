"""The body of a remote_write request: what its headers say it is, and what snappy hid."""

from collections.abc import Callable, Iterator
from enum import StrEnum

import cramjam

from agent.strict import Refused
from collector.foreign import protobuf, symbols
from collector.foreign.protobuf import Sent
from collector.intake.wire import MAX_INFLATED_BYTES


class Message(StrEnum):
    """What a body may be, as its Content-Type calls it."""

    V1 = "prometheus.WriteRequest"
    V2 = "io.prometheus.write.v2.Request"


READERS: dict[Message, Callable[[bytes], Iterator[Sent]]] = {
    Message.V1: protobuf.read_request,
    Message.V2: symbols.read_request,
}
_CALLED = {message.lower(): message for message in Message}


class NotSpoken(Refused):
    """A kind of message or compression that is not remote_write: 415."""


def message_of(content_type: str, encoding: str) -> Message:
    """Which one it is, or NotSpoken; who says nothing means what everybody used to send."""
    kind, *parameters = (part.strip() for part in content_type.lower().split(";"))
    if kind not in ("", "application/x-protobuf"):
        raise NotSpoken("content-type", "only application/x-protobuf")
    if encoding.strip().lower() not in ("", "snappy"):
        raise NotSpoken("content-encoding", "only snappy")
    found = Message.V1
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() != "proto":
            continue
        called = _CALLED.get(value.strip(' "'))
        if called is None:
            raise NotSpoken("content-type", f"only proto={' or '.join(Message)}")
        found = called
    return found


class TooLarge(Refused):
    """More than we read: 413."""


def inflate(sent: bytes) -> bytes:
    """What was compressed by snappy's block format, which tells its size before anything else."""
    try:
        size = cramjam.snappy.decompress_raw_len(sent)
        if size > MAX_INFLATED_BYTES:
            raise TooLarge("body", f"more than {MAX_INFLATED_BYTES >> 20} MiB inflated")
        return bytes(cramjam.snappy.decompress_raw(sent))
    except cramjam.DecompressionError as error:
        raise Refused("body", f"not snappy in block format: {error}") from None
