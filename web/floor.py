"""What the console's floor has the engine do: begin what incidents suggest, send reports and heads,
tell those who follow a place."""

from collections.abc import Sequence

from sqlalchemy import Engine

from collector.engine import Floor
from collector.late import Late
from collector.settings import Settings

_FLOORS = (
    ("web.remedy", "Remedy"),
    ("web.reports.mailing", "Mailing"),
    ("web.reports.heads", "Heads"),
    ("web.public.following", "Following"),
)


def open_floors(settings: Settings, store: Engine) -> Sequence[Floor]:
    """What `collector.engine` is handed."""
    return [Late(*named, settings, store) for named in _FLOORS]
