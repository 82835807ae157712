"""The body of a remote_write 1.0 request: what its headers say it is, and what snappy hid."""

import cramjam

from agent.strict import Refused
from collector.intake.wire import MAX_INFLATED_BYTES

_MESSAGE = "prometheus.WriteRequest"


class NotSpoken(Refused):
    """A kind of message or compression that is not remote_write 1.0: 415."""


def check_headers(content_type: str, encoding: str) -> None:
    """NotSpoken unless it is what we read; who says nothing means what everybody sends."""
    kind, *parameters = (part.strip() for part in content_type.lower().split(";"))
    if kind not in ("", "application/x-protobuf"):
        raise NotSpoken("content-type", "only application/x-protobuf")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "proto" and value.strip(' "') != _MESSAGE.lower():
            raise NotSpoken("content-type", f"only proto={_MESSAGE}, which is remote_write 1.0")
    if encoding.strip().lower() not in ("", "snappy"):
        raise NotSpoken("content-encoding", "only snappy")


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
