"""The playbooks that come with Ronda, read once for all tests: reading them takes 0.1 CPU-s."""

from collections.abc import Mapping
from functools import cache

from playbooks import library
from playbooks.model import Playbook


@cache
def books() -> Mapping[str, Playbook]:
    """All of them by name."""
    return library.load("").playbooks
