"""The net of each platform."""

from collections.abc import Mapping

from playbooks.guards.debian import DEBIAN
from playbooks.guards.guard import Guard
from playbooks.guards.openwrt import OPENWRT
from playbooks.guards.routeros import ROUTEROS
from playbooks.model import Platform

GUARDS: Mapping[Platform, Guard] = {
    Platform.ROUTEROS: ROUTEROS,
    Platform.OPENWRT: OPENWRT,
    Platform.DEBIAN: DEBIAN,
}
