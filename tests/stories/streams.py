"""Centres whose journal is on servers of NATS, for stories."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests import nats
from tests.stories.centre import Centre
from tests.stories.witness import Witness


def on_streams(
    folder: Path, nodes: Sequence[nats.Node], database_url: str = "", **more: str
) -> Centre:
    """A centre whose journal these servers are; `more` of its environment."""
    servers = tuple(node.url for node in nodes)
    monitors = ",".join(node.monitor_url for node in nodes)
    given = {**more, "RONDA_JOURNAL": ",".join(servers), "RONDA_JOURNAL_MONITOR": monitors}
    given["RONDA_JOURNAL_REPLICAS"] = str(len(nodes))
    centre = Centre(folder, ("--no-agent",), database_url, False, **given)
    centre.settings = replace(centre.settings, journal=servers)
    return centre


def elsewhere(witness: Witness, urls: Sequence[str]) -> None:
    """It goes to the other address, as an agent does that gets no answer."""
    witness.url = next(url for url in urls if url != witness.url)
