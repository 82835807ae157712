"""The devices that a script can be made for."""

from collections.abc import Mapping

from collector.micro.model import Platform
from collector.micro.openwrt import OpenWrt
from collector.micro.routeros import RouterOs

PLATFORMS: Mapping[str, Platform] = {"routeros": RouterOs(), "openwrt": OpenWrt()}
