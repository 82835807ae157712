"""What the centre knows by itself, without a rule; and what citizens and others tell it."""

from sqlalchemy import Connection

from alerts.alertmanager.foreign import KEY as FOREIGN
from alerts.alertmanager.foreign import OVER
from alerts.alertmanager.watching import Watch as Foreign
from alerts.backups import Watch as Backups
from alerts.blind import blind_since
from alerts.citizens.report import KEY as CITIZENS
from alerts.citizens.watch import Watch as Citizens
from alerts.citizens.watch import Work
from alerts.kinship import Kinship
from alerts.people import Serving
from alerts.sources import ANSWERED, BACKUP, BLIND, KNOWN, SAVED, SEES, STRANGE, Sources
from collector import strange_keys
from collector.settings import Settings
from collector.strange_keys import Strange

# a country has a hundred thousand devices, and each look goes through them all
LOOK_EVERY_S = 2.0
_ENDS = {BLIND: SEES, BACKUP: SAVED, STRANGE: KNOWN, CITIZENS: ANSWERED, FOREIGN: OVER}


class Own:
    """Looks at each of them and keeps the ailments in step."""

    def __init__(self, settings: Settings, serving: Serving) -> None:
        self._backups = Backups(settings)
        self._foreign = Foreign()
        self._looked_at = float("-inf")
        self._strange: list[Strange] = []
        self.citizens = Citizens(settings, serving)

    def look(self, connection: Connection, sources: Sources, kinship: Kinship, now: float) -> Work:
        """What of citizens' reports is to be written."""
        sources.centre(blind_since(connection), now)
        sources.backups(self._backups.look(connection, now), now)
        if not 0 <= now - self._looked_at < LOOK_EVERY_S:
            self._looked_at = now
            self._strange = strange_keys.of_all(connection)
        sources.strange_keys(self._strange, kinship.sites, now)
        self._foreign.look(connection, sources.ailments, now)
        found = self.citizens.look(connection, now)
        sources.citizens(self.citizens.standing, kinship.sites, now)
        return found


def own_end(key: str) -> str:
    """How an ailment of these ended, by its key; "" for one that is none of them."""
    kind = next((each for each in (STRANGE, CITIZENS, FOREIGN) if key.startswith(each)), key)
    return _ENDS.get(kind, "")
