"""How a stream stands, as its servers tell it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.journal.places import Places

if TYPE_CHECKING:
    # who has a journal of files need not have the client
    from nats.aio.client import Client
    from nats.js.api import StreamInfo

    from collector.journal.link import Link
    from collector.journal.stream import Shape

LIMIT_S = 4.0


@dataclass(frozen=True, slots=True)
class Standing:
    """`servers` hold it; those `behind` are away or not in step."""

    name: str
    messages: int
    bytes: int
    end: int
    replicas: int
    on_disk: bool
    servers: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


def standing_of(link: "Link", shape: "Shape") -> Standing | None:
    """None while there is no stream; JournalFailed when nobody answers."""
    from collector.journal.stream import look

    async def ask(client: "Client") -> Standing | None:
        found = await look(client, shape)
        return None if found is None else _read(*found)

    return link.call(ask, LIMIT_S)


def _read(info: "StreamInfo", places: Places) -> Standing:
    cluster, config = info.cluster, info.config
    peers = (cluster.replicas if cluster else None) or []
    leader = (cluster.leader if cluster else None) or ""
    names = sorted({leader, *(peer.name or "" for peer in peers)} - {""})
    behind = sorted(peer.name or "?" for peer in peers if peer.offline or not peer.current)
    return Standing(
        name=config.name or "",
        messages=info.state.messages,
        bytes=info.state.bytes,
        end=places.position(info.state.last_seq + 1),
        replicas=config.num_replicas or 1,
        on_disk=config.storage == "file",
        servers=tuple(names),
        behind=tuple(behind),
    )
