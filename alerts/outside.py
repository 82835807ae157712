"""What settings name outside of the centre: refused at its start, in one line."""

import os

from alerts.alertmanager.credentials import authorization_of
from alerts.channels import config
from collector.external.place import place_of
from collector.outward import outlets
from collector.settings import Settings


def refuse_unusable(settings: Settings) -> None:
    """Refused, by the name of the setting, when what is there cannot be used: channels, receivers,
    the engine, Alertmanagers.

    Else the process that uses them would be started again and again.
    """
    config.load(settings)
    outlets.receivers(settings)
    place_of(settings)
    authorization_of(settings, os.environ)
