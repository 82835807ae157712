"""A device to try playbooks on, as new for each of them; all of its configuration in one look."""

from typing import Protocol

from playbooks.hosts import Host


class Bench(Protocol):
    """`host`: how the product reaches the device."""

    @property
    def host(self) -> Host: ...

    def renew(self) -> None:
        """The device as it came from the factory, and just switched on."""

    def inside(self, text: str) -> str:
        """What somebody at the device itself would see of a command."""

    def configuration(self) -> dict[str, str]:
        """What is on its disk, all of it, and how it works at present."""

    def start(self) -> str:
        """Another each time it is switched on."""

    def left(self) -> str:
        """What is there of a net; "" where nothing is."""

    def close(self) -> None:
        """Switch it off for good."""
