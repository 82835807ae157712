"""A village with a router that has the agent, and a centre that is really there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from collector.micro.model import Choices
from collector.micro.platforms import PLATFORMS
from tests.agent.micro.routeros.centre import SITE, Centre
from tests.agent.micro.routeros.router import USUAL, Router

UPLINK: dict[str, Any] = {"name": "1.1.1.1", "kind": "ping", "host": "1.1.1.1", "uplink": "main"}
CHECKS: list[dict[str, Any]] = [
    {"name": "gateway", "kind": "ping", "host": "gateway"},
    UPLINK,
    *({"name": kind, "kind": kind} for kind in ("known", "host", "link", "wifi")),
]
OLD, NEW = "6.49.10", "7.20"
BOTH = [OLD, NEW]


def choices(centre: Centre, **parts: Any) -> Choices:
    code = parts.pop("code", None) or centre.code()
    made = Choices(SITE, "Benculuk", centre.url, code, 60, CHECKS, centre.ca)
    return replace(made, **parts)


def installed(router: Router, chosen: Choices, **settings: int) -> str:
    """What the import printed; `settings` are changed in its text: cap, batch."""
    text = PLATFORMS["routeros"].script(chosen)
    for name, value in {"spread": 0, **settings}.items():
        head, key, rest = text.partition(f'\\"{name}\\"=')
        assert key
        text = f"{head}{key}{value};{rest.partition(';')[2]}"
    printed, failed = router.run(text)
    assert not failed, printed
    return printed


@contextmanager
def village(
    folder: Path, version: str = NEW, packages: tuple[str, ...] = USUAL, **parts: Any
) -> Iterator[tuple[Centre, Router]]:
    """Both, with the agent installed and its first report sent."""
    settings = {name: parts.pop(name) for name in ("cap", "batch") if name in parts}
    with Centre(folder, parts.pop("tls", False)).serving() as centre:
        router = Router(centre, version, packages)
        try:
            installed(router, choices(centre, **parts), **settings)
            router.advance(15)
            yield centre, router
        finally:
            for job in router.jobs:
                job.gen.close()


def logged(router: Router) -> list[str]:
    """What the agent wrote to the log, and what broke off."""
    return [f"{topics.partition(',')[2]} {words}" for topics, words in router.log
            if topics.startswith("script,")]  # fmt: skip
