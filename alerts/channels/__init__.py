"""The ways to people: one file each, one table of them all."""

from collections.abc import Mapping
from typing import Any, Protocol


class NotifyFailed(Exception):
    """A message was not taken; `permanent` when trying again cannot help."""

    def __init__(
        self, reason: str, permanent: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One way to send."""

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """Send; what the other side answered, in short. NotifyFailed when it did not take it."""
