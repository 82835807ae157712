"""Stories of the rules for devices, access points, the hotspot and the mains."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from tests.agent.hotspot.test_journey_rules import LOGIN
from tests.agent.hotspot.village import Village as Rooms
from tests.agent.probes.snmp.fake_device import FakeDevice
from tests.alerts.readings.regency import Story, Village
from tests.alerts.readings.stand_ins import apcupsd, router


def _of_router(minutes: float, after: float = 3, **ill: int) -> Callable[[Village], Story]:
    """It is well, says this, and is well again."""

    def story(village: Village) -> Story:
        with router() as (says, _, check):
            village.watch(check)
            village.line("router/sfp1")
            for told, wait in (({}, 3.0), (ill, minutes), ({}, after)):
                says.tell(**told)
                village.start()
                yield wait

    return story


def missing(village: Village) -> Story:
    with router() as (says, device, check):
        village.watch(check)
        yield 2
        device.close()
        yield 4
        with closing(FakeDevice(says.values)) as back:
            village.watch({**check, "port": back.port})
            yield 3


def restarts(village: Village) -> Story:
    with router() as (says, _, check):
        village.watch(check)
        yield 2
        for turn in range(3):
            says.up(5000 - turn * 1000)
            village.start()
            yield 2
        yield 35


def falling(village: Village) -> Story:
    """A cable is bent: the light is 5 dB weaker than it was, and stays so."""
    with router() as (says, _, check):
        village.watch(check)
        village.line("router/sfp1")
        yield 12
        says.tell(dbm=-25)
        village.start()
        yield 80


def radio(village: Village, phones: int | None) -> None:
    """What `iw` prints; None: the radio is gone."""
    dump = "".join(f"Station 02:00:00:00:01:{n:02x} (on wlan0)\n" for n in range(phones or 0))
    radio = "phy#0\n\tInterface wlan0\n\t\tssid Desa\n\t\ttype AP\n\t\tchannel 1\n"
    shown = "" if phones is None else radio
    village.program(
        "iw",
        f"case \"$*\" in dev) printf '%b' '{_escaped(shown)}';;\n"
        f"'dev wlan0 station dump') printf '%b' '{_escaped(dump)}';;\n*) exit 1;; esac",
    )


def _escaped(text: str) -> str:
    return text.replace("\n", "\\n").replace("\t", "\\t")


def _portal(village: Village, people: int) -> None:
    clients = ",".join(f'"{n}":{{"state":"Authenticated"}}' for n in range(people))
    village.program("ndsctl", f"echo '{{\"clients\":{{{clients}}}}}'")


def wifi(village: Village) -> None:
    village.watch({"name": "wifi", "kind": "wifi"})
    village.put("/proc/net/dev", "\n\n")
    radio(village, 5)
    _portal(village, 4)


def access_point(village: Village) -> Story:
    wifi(village)
    for phones, minutes in ((5, 2), (None, 4), (5, 2)):
        radio(village, phones)
        yield minutes


def nobody_signs_in(village: Village) -> Story:
    wifi(village)
    for people, minutes in ((4, 2), (0, 33), (3, 3)):
        _portal(village, people)
        yield minutes


def pool(village: Village) -> Story:
    wifi(village)
    village.put("/etc/dnsmasq.conf", "dhcp-range=set:lan,192.168.1.1,192.168.1.20,12h\n")
    for count, minutes in ((6, 2), (20, 8), (3, 2)):
        lines = [f"0 02:00:00:00:01:{n:02x} 192.168.1.{n + 1} * *\n" for n in range(count)]
        village.put("/tmp/dhcp.leases", "".join(lines))
        yield minutes


def journey(village: Village) -> Story:
    """Three rooms with a real DHCP server and portal, whose login page breaks."""
    folder = village.folder / "rooms"
    folder.mkdir()
    rooms = Rooms(folder)
    try:
        rooms.password("10.77.0.1", "warga:desa")
        rooms.serve()
        rooms.lease()
        rooms.capture()
        rooms.wait(lambda: rooms.look(**LOGIN).verdict == "good")
        for mode, minutes in (("form", 2), ("500", 4), ("form", 3)):
            rooms.mode("portal", mode)
            seen = rooms.look(**LOGIN)
            named = {f'ronda_hotspot_journey_up{{step="{s}"}}': up for s, up in seen.steps.items()}
            village.own = named.copy
            yield minutes
    finally:
        rooms.close()


def _ups(village: Village, ill: dict[str, str], minutes: float) -> Story:
    """apcupsd answers; first the mains is there, then this, then it is back."""
    well = {"STATUS": "ONLINE", "BCHARGE": "100.0 Percent"}
    with apcupsd() as daemon:
        check = {"name": "ups", "kind": "power", "via": "apcupsd", "host": "127.0.0.1"}
        village.watch({**check, "port": daemon.port})
        for told, wait in ((well, 2.0), (well | ill, minutes), (well, 2.0)):
            daemon.words = {"UPSNAME": "balai", **told}
            yield wait


def on_battery(village: Village) -> Story:
    return _ups(village, {"STATUS": "ONBATT", "BCHARGE": "80.0 Percent"}, 3)


def low(village: Village) -> Story:
    return _ups(village, {"STATUS": "ONBATT LOWBATT", "BCHARGE": "12.0 Percent"}, 3)


STORIES: dict[str, Callable[[Village], Any]] = {
    "DeviceMissing": missing,
    "DeviceCpuHigh": _of_router(18, cpu=99),
    "DeviceMemoryFull": _of_router(13, memory=98),
    "DeviceHot": _of_router(8, celsius=88),
    "DeviceRebootLoop": restarts,
    "UplinkPortDown": _of_router(3, link=2),
    "UplinkOpticalLow": _of_router(13, 65, dbm=-29),
    "UplinkOpticalFalling": falling,
    "AccessPointDown": access_point,
    "HotspotNobodySignsIn": nobody_signs_in,
    "DhcpPoolFull": pool,
    "HotspotJourneyBroken": journey,
    "OnBattery": on_battery,
    "BatteryLow": low,
}
