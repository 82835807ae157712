"""Where checks of the centre's own machine may not reach: itself and its own networks.

The name of a village may lead anywhere, and so may a redirect: each address is judged when it is
about to be reached. A fence stands around one thread, as each probe has its own.
"""

import threading
from collections.abc import Sequence

from agent.report import ProbeFailed

_around = threading.local()


class Fence:
    """`off`: networks not to be reached, unless one of `allowed` holds the address as well."""

    def __init__(self, off: Sequence[str], allowed: Sequence[str]) -> None:
        # half a megabyte, and no village needs it
        from ipaddress import ip_network

        self._off = [ip_network(text, strict=False) for text in off]
        self._allowed = [ip_network(text, strict=False) for text in allowed]

    def __enter__(self) -> None:
        _around.fence = self

    def __exit__(self, *_: object) -> None:
        _around.fence = None

    def refuses(self, text: str) -> bool:
        """Whether the address `text` lies behind the fence."""
        from ipaddress import ip_address

        address = ip_address(text.partition("%")[0])
        plain = getattr(address, "ipv4_mapped", None) or address
        if any(plain in network for network in self._allowed):
            return False
        return any(plain in network for network in self._off)


def stands() -> bool:
    """Whether there is a fence around this thread."""
    return getattr(_around, "fence", None) is not None


def judge(address: str) -> None:
    """ProbeFailed when there is a fence around this thread and the address is behind it."""
    fence: Fence | None = getattr(_around, "fence", None)
    if fence is not None and fence.refuses(address):
        raise ProbeFailed(f"{address} is the centre's own: list it in allow_targets to reach it")
