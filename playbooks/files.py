"""The centre's own files that a playbook may lay onto a device: the agent, and what was kept of it.

Nobody types a path: a source is the agent's file, verified, or an archive of this very device.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.strict import Refused
from collector.settings import Settings
from playbooks import agent_file, archives, differences, quoting
from playbooks.archives import Archive
from playbooks.hosts import Host
from playbooks.model import AGENT, Playbook, Put
from playbooks.session import MOST_FILE

# what a configuration can be put back from
KEEPER = "cadangkan-konfigurasi"


@dataclass(frozen=True, slots=True)
class Load:
    """A file with what people are told of it."""

    title: str
    data: bytes

    @property
    def told(self) -> str:
        digest = hashlib.sha256(self.data).hexdigest()
        return f"{self.title} ({len(self.data)} bytes, sha256 {digest})"


@dataclass(frozen=True, slots=True)
class Loads:
    """What a plan tells of files: each by its source, and what they would change."""

    told: Mapping[str, str]
    notes: tuple[str, ...]


def load(settings: Settings, host: Host, source: str) -> Load:
    """The file of a source, parameters filled in; Refused says why there is none."""
    found = _agent(settings) if source == AGENT else _kept(settings, host, source)
    if len(found.data) > MOST_FILE:
        raise Refused(f"{host.name}: {source}", f"larger than {MOST_FILE} bytes")
    return found


def loads(settings: Settings, host: Host, playbook: Playbook, values: Mapping[str, str]) -> Loads:
    """All that the playbook would lay onto the device, looked at before anything runs."""
    recipe = playbook.recipes.get(host.platform)
    steps = () if recipe is None else recipe.snapshot
    sources = [quoting.plain(step.source, values) for step in steps if isinstance(step, Put)]
    found = {source: load(settings, host, source) for source in sources}
    notes = [
        note
        for source, one in found.items()
        if source != AGENT
        for note in _changes(settings, host, source, one.data)
    ]
    return Loads({source: one.told for source, one in found.items()}, tuple(notes))


def fixed(settings: Settings, playbook: Playbook) -> str:
    """Changes with the files that are the same for all devices; an archive's name is its own."""
    steps = [step for recipe in playbook.recipes.values() for step in recipe.snapshot]
    if not any(isinstance(step, Put) and step.source == AGENT for step in steps):
        return ""
    return hashlib.sha256(_agent(settings).data).hexdigest()


def _agent(settings: Settings) -> Load:
    data = agent_file.taken(settings.folder)
    return Load(f"agent {agent_file.release(data)}", data)


def _kept(settings: Settings, host: Host, name: str) -> Load:
    known = _of(settings, host)
    if name not in {one.name for one in known}:
        told = f"the newest is {known[0].name}" if known else f"run {KEEPER} first"
        raise Refused(f"{host.name}: archive", f"{name[:60]!r} is none of this device; {told}")
    data = archives.read(settings, host.site, name)
    if data is None:
        why = "cannot be opened by this centre: it needs the secret.key that sealed it"
        raise Refused(f"{host.name}: archive", f"{name[:60]!r} {why}")
    return Load(f"archive {name}", data)


def _changes(settings: Settings, host: Host, name: str, data: bytes) -> Iterator[str]:
    """What it would change, compared with the newest one that is kept."""
    newest = _of(settings, host)[0]
    if newest.name == name:
        yield f"{name} is the newest that is kept: what changed since is not known here"
        return
    now = archives.read(settings, host.site, newest.name)
    yield f"{name} compared with the newest, {newest.name}:"
    yield from differences.told(now or b"", data)


def _of(settings: Settings, host: Host) -> list[Archive]:
    """What is kept of a device, the newest first."""
    series = archives.of(host.device, KEEPER)
    mine = [one for one in archives.listed(settings, host.site) if one.of in series]
    return sorted(mine, key=lambda one: -one.at)
