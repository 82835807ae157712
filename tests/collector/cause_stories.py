"""How outages go, as sequences of evidence, with the cause at once and after the backlog.

A story is told of its first site. `last` is what its agents saw in the last minutes, `during` what
they saw while nobody heard them, `back` what they saw when they were heard again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.collector.centre_bench import LINK, LOSS, MAINS, NOW, UPLINK

LIGHT = 'ronda_uplink_optical_rx_dbm{interface="pon0"}'
CONTENT = "ronda_uplink_content_ok"
DNS = "ronda_uplink_dns_up"
ROUTER = 'ronda_device_uptime_seconds{device="router"}'
AP = 'ronda_device_uptime_seconds{device="ap"}'

NEW_YEAR = 1_798_740_000.0  # 1 January 2027, 1:00 in the west
GONE = {UPLINK: 0.0, LOSS: 1.0}
UNPLUGGED = {**GONE, LINK: 0.0}
DARK = {**GONE, LIGHT: -40.0}
PAGE = {**GONE, CONTENT: 0.0}
Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Story:
    """`off`: machines without power; `cut`: nobody hears them; `down`: they say so themselves."""

    way: str
    once: str
    after: str = ""
    isps: tuple[str, ...] = ("Telkom",)
    last: Values = field(default_factory=dict)
    during: Values = field(default_factory=lambda: GONE)
    back: Values = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[Mapping[str, Any], ...] = ()
    apart: bool = False  # each in a district of its own
    only_first: Values = field(default_factory=dict)  # what only the first one saw last
    half: bool = False  # every second one is only cut off, the rest say so themselves
    bye: bool = False
    now: float = NOW

    @property
    def state(self) -> str:
        """Of the outage in the end."""
        if self.way == "off":
            return "unknown"
        return "down" if self.after else "normal"


FOUR = ("Telkom",) * 4
MIXED = ("Telkom", "Icon", "Telkom", "Icon")
SPARE = ({"name": "main", "isp": "Telkom"}, {"name": "orbit", "isp": "Orbit", "type": "4G"})
BILL = ({"name": "main", "isp": "Telkom", "bill_day": 20},)
FAR_BILL = ({"name": "main", "isp": "Telkom", "bill_day": 5},)
ENDED = ({"name": "main", "isp": "Telkom", "ends": "2026-09-20"},)
TWO_BILLS = (*BILL, {"name": "second", "isp": "Icon", "bill_day": 20})

STORIES = {
    # one village falls silent
    "a silence of which nothing is known was the provider, says an agent that ran on": Story(
        "cut", "unknown", "isp", last={LINK: None}, during={**GONE, LINK: None}
    ),
    "the link held and nothing answered beyond it: the fiber": Story("cut", "fiber", "fiber"),
    "the link held to the end, the agent came back newly started: the power": Story(
        "off", "fiber", "power"
    ),
    "a last gasp on battery is the power at once": Story("off", "power", "power", last={MAINS: 0}),
    "an agent with a battery saw the whole blackout": Story(
        "cut", "power", "power", last={MAINS: 0}, during={**GONE, MAINS: 0.0}
    ),
    "no light before the silence: the fiber": Story(
        "cut", "fiber", "fiber", last=DARK, during=DARK
    ),
    "light that became less before the silence: the fiber": Story(
        "cut", "fiber", "fiber", last={LIGHT: -25.0}, during=DARK
    ),
    "the silence told little, the backlog shows no light": Story(
        "cut", "fiber", "fiber", last={LINK: 1.0}, during=DARK
    ),
    "a link lost before the silence was the power, says a new start": Story(
        "off", "device", "power", last={LINK: 0.0}
    ),
    "a link lost, and lost it stays while the agent runs: the device": Story(
        "cut", "device", "device", last={LINK: 0.0}, during=UNPLUGGED
    ),
    "a link lost, and the router newly started when all was well: the power": Story(
        "cut",
        "device",
        "power",
        last={LINK: 0.0},
        during={**UNPLUGGED, MAINS: None},
        back={ROUTER: 60.0, MAINS: None},
    ),
    "the router started anew while the mains were there: the device": Story(
        "cut", "device", "device", last={LINK: 0.0}, during=UNPLUGGED, back={ROUTER: 60.0}
    ),
    "somebody restarted the router after a fiber cut: still the fiber": Story(
        "cut", "fiber", "fiber", back={ROUTER: 60.0}
    ),
    "router and agent newly started: the power, surely": Story(
        "off", "fiber", "power", back={ROUTER: 60.0}
    ),
    "the router ran on, only the agent was off: its machine": Story(
        "off", "fiber", "device", back={ROUTER: 90000.0}
    ),
    "one device started anew, another ran on, the agent too: the device": Story(
        "cut",
        "unknown",
        "isp",
        last={LINK: None},
        during={**GONE, LINK: None},
        back={ROUTER: 60.0, AP: 90000.0},
    ),
    "the router and the agent ran on: the line": Story(
        "cut", "fiber", "fiber", back={ROUTER: 90000.0}
    ),
    "a page of the provider before the silence: suspended": Story(
        "cut", "suspended", "suspended", last={CONTENT: 0.0}, during=PAGE
    ),
    "the backlog shows the page of the provider: suspended": Story(
        "cut", "fiber", "suspended", during=PAGE
    ),
    "the bill was due yesterday: suspended, perhaps": Story(
        "cut", "suspended", "suspended", lines=BILL
    ),
    "the bill was due, but the machines were off: the power": Story(
        "off", "suspended", "power", lines=BILL
    ),
    "the bill was due, but the light is gone: the fiber": Story(
        "cut", "fiber", "fiber", lines=BILL, last=DARK, during=DARK
    ),
    "a bill of two weeks ago says nothing": Story("cut", "fiber", "fiber", lines=FAR_BILL),
    "the contract ended yesterday: suspended, perhaps": Story(
        "cut", "suspended", "suspended", lines=ENDED
    ),
    "two providers do not cut off on one day": Story("off", "power", "power", lines=TWO_BILLS),
    "the lines of two providers went while the agent ran: what both rest on": Story(
        "cut", "power", "backbone", lines=SPARE
    ),
    "names were not found any more, addresses were: the DNS, and no outage": Story(
        "cut", "dns", "", last={DNS: 0.0}, during={UPLINK: 1.0, DNS: 0.0}
    ),
    "switched off while on battery: the power": Story(
        "off", "power", "power", last={MAINS: 0.0}, bye=True
    ),
    # several fall silent together
    "four of one provider: the provider": Story("cut", "isp", "isp", isps=FOUR),
    "four of one provider, newly started: the power after all": Story(
        "off", "isp", "power", isps=FOUR
    ),
    "one upstream in four districts: the provider": Story(
        "cut", "isp", "isp", isps=FOUR, apart=True, row={"upstream": "POP Genteng"}
    ),
    "two providers in one district: the power": Story("off", "power", "power", isps=MIXED),
    "two providers on one feeder in four districts: the power": Story(
        "off", "power", "power", isps=MIXED, apart=True, row={"power_feeder": "GTG-2"}
    ),
    "two providers, but their agents ran and the links held: the backbone": Story(
        "cut", "power", "backbone", isps=MIXED
    ),
    "two providers, agents with batteries saw the links go: the power": Story(
        "cut", "power", "power", isps=MIXED, during=UNPLUGGED
    ),
    "two providers and their mobile lines: the backbone": Story(
        "cut", "backbone", "backbone", isps=MIXED, lines=SPARE
    ),
    "two providers and their mobile lines, all newly started: the power after all": Story(
        "off", "backbone", "power", isps=MIXED, lines=SPARE
    ),
    "one of them ran on battery: the power for all": Story(
        "off", "power", "power", isps=("Icon", "Telkom", "Telkom"), only_first={MAINS: 0.0}
    ),
    "four of one provider whose bills were due: suspended, perhaps": Story(
        "cut", "suspended", "suspended", isps=FOUR, lines=BILL, during=PAGE
    ),
    "four of one provider in the first hour of the year: suspended, perhaps": Story(
        "cut", "suspended", "suspended", isps=FOUR, now=NEW_YEAR
    ),
    "four of one provider without light: a cable they share": Story(
        "cut", "fiber", "fiber", isps=FOUR, last=DARK, during=DARK
    ),
    "four of one provider whose links went: the power": Story(
        "off", "power", "power", isps=FOUR, last={LINK: 0.0}
    ),
    "a stray one of another provider among eight: the provider": Story(
        "cut", "isp", "isp", isps=("Telkom",) * 7 + ("Icon",)
    ),
    # down by their own agents' word
    "down with the link held: the fiber": Story("down", "fiber", "fiber"),
    "down with the link lost: the device": Story("down", "device", "device", during=UNPLUGGED),
    "down without light: the fiber": Story("down", "fiber", "fiber", during=DARK),
    "down on battery: the power": Story("down", "power", "power", during={**GONE, MAINS: 0.0}),
    "down behind a page of the provider: suspended": Story(
        "down", "suspended", "suspended", during=PAGE
    ),
    "down, all of one provider: the provider": Story("down", "isp", "isp", isps=FOUR),
    "down, two providers: the backbone": Story("down", "backbone", "backbone", isps=MIXED),
    "down, two providers and no link: the power": Story(
        "down", "power", "power", isps=MIXED, during=UNPLUGGED
    ),
    "down with its mobile line: the backbone": Story("down", "backbone", "backbone", lines=SPARE),
    "some down and some silent, two providers: agents run, so the backbone": Story(
        "down", "backbone", "backbone", isps=(*MIXED, "Telkom"), half=True
    ),
}
