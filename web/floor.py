"""What the console's floor has the engine do: begin what incidents suggest, send reports and heads,
tell those who follow a place."""

from collections.abc import Sequence

from sqlalchemy import Engine

from collector.engine import Floor
from collector.settings import Settings
from web.public.following import Following
from web.remedy import Remedy
from web.reports.heads import Heads
from web.reports.mailing import Mailing


def open_floors(settings: Settings, store: Engine) -> Sequence[Floor]:
    """What `collector.engine` is handed."""
    return [
        Remedy(settings, store),
        Mailing(settings, store),
        Heads(settings, store),
        Following(settings, store),
    ]
