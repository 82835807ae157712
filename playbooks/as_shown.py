"""Is what a run would do still what was shown when somebody asked for it?

Asked when a second person approves it, and of each device when its turn comes.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from agent.strict import Refused
from collector import sealing
from collector.settings import Settings
from playbooks import asking, files, host_rows, marks, run_rows
from playbooks.files import Loads
from playbooks.hosts import Host
from playbooks.library import Library
from playbooks.model import Playbook
from playbooks.run_rows import Run

CHANGED = "the playbook was changed after it was planned: look at its plan, and ask again"
_SEALED = "the secrets of the run cannot be read by this centre: ask again, and give them anew"


def check(
    connection: Connection, secret: bytes, settings: Settings, library: Library, run: Run
) -> None:
    """Refused names the first device on which something else would be done, or the playbook."""
    playbook = library.get(run.playbook)
    if not same_playbook(settings, playbook, run):
        raise Refused(playbook.name, CHANGED)
    given = {**run.params, **secrets_of(secret, run)}
    for row in run_rows.hosts_of(connection, run.id):
        host = host_rows.opened(connection, secret, row.site, row.device)
        loads(settings, playbook, host, asking.parameters(playbook, host, given), row.mark)


def same_playbook(settings: Settings, playbook: Playbook, run: Run) -> bool:
    """Is its file, and what that brings, what it was?"""
    return marks.digest(playbook, files.fixed(settings, playbook)) == run.digest


def loads(
    settings: Settings, playbook: Playbook, host: Host, params: Mapping[str, str], shown: str
) -> Loads:
    """The files for a device whose plan bore the mark `shown`; Refused where it is another."""
    found = files.loads(settings, host, playbook, params)
    marks.check(shown, playbook, host, asking.planned(settings, playbook, host, params, found))
    return found


def secrets_of(secret: bytes, run: Run) -> dict[str, str]:
    """Its secret parameters; `secret` is the centre's."""
    if run.box is None:
        return {}
    plain = sealing.opened(secret, asking.PURPOSE, run.by, run.box)
    if plain is None:
        raise Refused("params", _SEALED)
    opened: dict[str, str] = json.loads(plain)
    return opened
