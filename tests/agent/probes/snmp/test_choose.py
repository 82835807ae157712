"""Which profile fits: by name, by words, and by what is really there."""

from collections.abc import Collection

from agent.probes.snmp.choose import choose
from agent.probes.snmp.message import Oid, oid
from tests.each import for_each

AIROS, UNIFI, UPS = "1.3.6.1.4.1.41112.1.4", "1.3.6.1.4.1.41112.1.6.1", "1.3.6.1.2.1.33.1"
NET_SNMP, OLD_UBIQUITI = "1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.4.1.10002.1"
DEVICES = {
    "by its name": ("1.3.6.1.4.1.14988.1", "RouterOS", [], "mikrotik"),
    "the longer name": ("1.3.6.1.4.1.14988.2", "SwOS", [], "swos"),
    "not a name that only begins alike": ("1.3.6.1.4.1.149881.1", "x", [], "generic"),
    "one name, a radio": (OLD_UBIQUITI, "Linux 2.6.32", [AIROS], "airos"),
    "one name, an access point": (OLD_UBIQUITI, "Linux 3.3.8", [UNIFI], "unifi"),
    "one name, neither": (OLD_UBIQUITI, "EdgeSwitch 8XP", [], "generic"),
    "a Linux": (NET_SNMP, "Linux cray 2.6.21", [], "net-snmp"),
    "a Linux that is OpenWrt": (NET_SNMP, "Linux OpenWrt 5.4.137", [], "openwrt"),
    "a Linux that is more": (NET_SNMP, "Linux RUTX11", ["1.3.6.1.4.1.48690"], "teltonika"),
    "a Linux that says more": (NET_SNMP, "Linux Teltonika-RUT240.com 3.18", [], "teltonika"),
    "one vendor, a router": ("1.3.6.1.4.1.2011.2.224.62", "Huawei AR169F", [], "huawei"),
    "one vendor, an OLT": ("1.3.6.1.4.1.2011.2.123", "Huawei Integrated", [], "huawei-olt"),
    "an OLT by its words": ("1.3.6.1.4.1.2011.2.999", "SmartAX MA5801", [], "huawei-olt"),
    "no name, but a tree": (None, "", [UNIFI], "unifi"),
    "a name nobody knows, but a tree": ("1.3.6.1.4.1.99", "card", [f"{UPS}.2"], "ups-mib"),
    "a UPS by name without the MIB": ("1.3.6.1.4.1.850.1", "x", [], "generic"),
    "nothing": (None, "", [], "generic"),
}


@for_each(("name", "descr", "there", "profile"), DEVICES.values(), ids=DEVICES)
def test_a_device(name: str | None, descr: str, there: list[str], profile: str) -> None:
    def beneath(roots: list[Oid]) -> Collection[Oid]:
        return {root for root in roots if any(oid(t)[: len(root)] == root for t in there)}

    assert choose(oid(name) if name else None, descr, beneath) == profile
