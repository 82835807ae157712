"""What is wrong with a step that lays a file onto a device? Pure."""

import re
from collections.abc import Iterator

from playbooks import quoting
from playbooks.model import AGENT, Kind, Platform, Playbook, Put, Recipe

# no name that the net itself uses in its folder
_PLACE = re.compile(r"@\{guard\}/[a-z][a-z0-9-]{0,40}\.[a-z]{1,8}")


def laid(put: Put, playbook: Playbook, recipe: Recipe, platform: Platform) -> Iterator[str]:
    """Only what the centre itself keeps, and only into the run's folder: no path is anybody's to
    give. The act moves it from there to where it belongs."""
    if put.source != AGENT and not _is_archive(put.source, playbook):
        yield f"put: expected {AGENT}, or @{{name}} of a parameter of type {Kind.ARCHIVE}"
    if platform is Platform.ROUTEROS:
        yield "put: RouterOS takes no files from Ronda"
    elif _PLACE.fullmatch(put.place) is None:
        yield "to: expected @{guard}/ and a name such as kept.tgz"
    if not recipe.guarded:
        yield "put: the folder of a run is there only with an undo"


def _is_archive(source: str, playbook: Playbook) -> bool:
    names = {each.name for each in playbook.params if each.kind is Kind.ARCHIVE}
    held = quoting.PLACE.fullmatch(source)
    return held is not None and held[1] in names
