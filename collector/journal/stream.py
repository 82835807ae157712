"""The stream of a centre: its subjects, how it is made, what it says of itself."""

from dataclasses import dataclass

import google_crc32c
from nats.aio.client import Client
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import BadRequestError, NotFoundError

from collector.journal.places import Places, beginning, read_places
from collector.journal.protocol import JournalFailed

# by the site, so that parts of the country can be read apart; never to be changed in a stream
PARTITIONS = 8
# within this time a group that is sent again is recognised by its number
DUPLICATES_S = 120
_STREAM_TAKEN = 10058


@dataclass(frozen=True, slots=True)
class Shape:
    """What a centre wants of its stream; `most_bytes` -1: as much as the server gives."""

    name: str
    replicas: int
    most_bytes: int = -1

    @property
    def stream(self) -> str:
        return f"{self.name}-journal"

    def subject(self, site: str | None) -> str:
        """Where records of a site go; None: what is of the whole centre."""
        if site is None:
            return f"{self.name}.journal.all"
        return f"{self.name}.journal.{google_crc32c.value(site.encode()) % PARTITIONS}"

    def config(self, places: Places) -> StreamConfig:
        return StreamConfig(
            name=self.stream,
            description=places.told(),
            subjects=[f"{self.name}.journal.*"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=self.replicas,
            # what is full refuses; it never forgets what was not folded
            discard=DiscardPolicy.NEW,
            max_bytes=self.most_bytes,
            duplicate_window=DUPLICATES_S,
        )


async def look(client: Client, shape: Shape) -> tuple[StreamInfo, Places] | None:
    """The stream as it is, and how it counts; None while there is none."""
    try:
        found = await client.jsm().stream_info(shape.stream)
    except NotFoundError:
        return None
    places = read_places(found.config.description)
    if places is None:
        raise JournalFailed(f"journal: the stream {shape.stream} was not made by ronda")
    # a server that is cut off from the others tells of the stream as it was then
    cluster = found.cluster
    if (found.config.num_replicas or 1) > 1 and (cluster is None or not cluster.leader):
        raise JournalFailed("journal: the server that was asked knows of no leader of the stream")
    return found, places


async def ensure(client: Client, shape: Shape, at_least: int | None) -> Places:
    """A stream whose next message stands at `at_least` or behind it; None: nobody knows.

    It is made where there is none; one that fell back goes on behind what was folded.
    """
    found = await look(client, shape)
    if found is None and at_least is None:
        raise JournalFailed("journal: no stream yet, and where it is to begin the database knows")
    if found is None:
        return await _make(client, shape, at_least or 0)
    info, places = found
    at_least = at_least or 0
    following = info.state.last_seq + 1
    if places.position(following) >= at_least:
        return places
    return await move(client, shape, info, beginning(following, at_least))


async def move(client: Client, shape: Shape, info: StreamInfo, places: Places) -> Places:
    """Let the stream count by `places` from now on."""
    config = info.config.evolve(description=places.told())
    await client.jsm().update_stream(config)
    return places


async def _make(client: Client, shape: Shape, at_least: int) -> Places:
    places = beginning(1, max(1, at_least))
    try:
        await client.jsm().add_stream(shape.config(places))
    except BadRequestError as error:
        if error.err_code != _STREAM_TAKEN:
            raise
        # another ingest was quicker
        found = await look(client, shape)
        if found is None:
            raise
        return found[1]
    return places
