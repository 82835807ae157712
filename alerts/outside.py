"""What settings name outside of the centre: refused at its start, in one line."""

import os

from alerts.alertmanager import sender
from alerts.channels import config
from collector.outward import outlets
from collector.settings import Settings


def refuse_unusable(settings: Settings) -> None:
    """Refused, by the setting's name, when channels, receivers or Alertmanagers cannot be used.

    Else the process that uses them would be started again and again.
    """
    config.load(settings)
    outlets.receivers(settings)
    sender.authorization_of(settings, os.environ)
