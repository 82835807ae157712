"""Access points in the words of iw, of hostapd and of iwinfo. Pure; people are only counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.probes.air import Air, noise_of

_CODE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_STATION = re.compile(r"^\s*(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b", re.MULTILINE)
_OF_BSS = re.compile(r"(bss|ssid|num_sta)\[(\d{1,3})\]")
_ESSID = re.compile(r'^(\S+)\s+ESSID: (?:"(.*)"|unknown)\s*$')
_NOISE = re.compile(r"\bNoise: (-?\d+) dBm")
_MOST_CLIENTS = 10_000


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """A network that a radio of this machine is to offer; `radio`: the piece of hardware."""

    ssid: str
    up: bool = True
    radio: str = ""


def access_points(text: str) -> dict[str, AccessPoint]:
    """By interface the access points in the text of `iw dev`.

    One without a channel and without a name is set up for it and does not send.
    """
    found: dict[str, AccessPoint] = {}
    phy = ""
    for block in re.split(r"^(?=phy#|\s+(?:Interface|Unnamed)\b)", text, flags=re.MULTILINE):
        if block.startswith("phy#"):
            phy = block.split(None, 1)[0].replace("#", "")
            continue
        told = _words(block)
        if told.get("type") == "AP" and told.get("Interface"):
            ssid = plain(told.get("ssid", ""))
            found[told["Interface"]] = AccessPoint(ssid, "ssid" in told or "channel" in told, phy)
    return found


def stations(text: str) -> int:
    """Clients in the text of `iw dev X station dump`."""
    return sum(line.startswith("Station ") for line in text.splitlines())


def survey(text: str) -> Air | None:
    """The channel in use in the text of `iw dev X survey dump`; None where none is."""
    for block in text.split("Survey data from ")[1:]:
        lines = (line.strip().partition(":") for line in block.splitlines())
        told = {key: value.strip() for key, _, value in lines}
        if "[in use]" in told.get("frequency", ""):
            return Air(
                noise_of(_first_number(told.get("noise"))),
                int(_first_number(told["frequency"]) or 0),
                _first_number(told.get("channel active time")),
                _first_number(told.get("channel busy time")),
            )
    return None


@dataclass(frozen=True, slots=True)
class Hosted:
    """One network of hostapd; `clients` None where it does not count them."""

    point: AccessPoint
    clients: float | None


def hosted(text: str) -> dict[str, Hosted]:
    """By interface the networks in the text of hostapd's STATUS."""
    lines = (line.partition("=") for line in text.splitlines())
    told = {key.strip(): value for key, equals, value in lines if equals}
    rows: dict[str, dict[str, str]] = {}
    for key, value in told.items():
        if match := _OF_BSS.fullmatch(key):
            rows.setdefault(match[2], {})[match[1]] = value
    up = told.get("state", "").strip() == "ENABLED"
    found = {}
    for row in rows.values():
        if name := row.get("bss", "").strip():
            point = AccessPoint(plain(row.get("ssid", "")), up, told.get("phy", "").strip())
            found[name] = Hosted(point, count(row.get("num_sta", "")))
    return found


def listed(text: str) -> int:
    """Clients in a list that has a line, or a block, for each that begins with its address."""
    return len(_STATION.findall(text))


def iwinfo(text: str) -> dict[str, tuple[AccessPoint, Air]]:
    """By interface the access points in the text of `iwinfo`."""
    found = {}
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        name = _ESSID.match(block.split("\n", 1)[0])
        if name is None or "Mode: Master" not in block:
            continue
        noise = _NOISE.search(block)
        phy = re.search(r"PHY name: (\S+)", block)
        up = not re.search(r"Channel: unknown", block)
        point = AccessPoint(clean(name[2] or ""), up, phy[1] if phy else "")
        found[name[1]] = point, Air(noise_of(int(noise[1])) if noise else None)
    return found


def count(value: object) -> float | None:
    """A number of people; None for what is none."""
    text = str(value).strip()
    if not text.isdigit() or len(text) > 9 or int(text) > _MOST_CLIENTS:
        return None
    return float(text)


def plain(escaped: str) -> str:
    """The name of a network that iw and hostapd write with \\x00 for what is not ASCII."""
    codes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"e": b"\x1b"}

    def put(match: re.Match[bytes]) -> bytes:
        return bytes([int(match[1], 16)]) if match[1] else codes.get(match[2], match[2])

    return clean(_CODE.sub(put, escaped.encode()).decode("utf-8", "replace"))


def clean(text: str) -> str:
    """Without characters that no name of ours may have, and no longer than a network's name."""
    return "".join(c for c in text if c.isprintable())[:32]


def _words(block: str) -> Mapping[str, str]:
    parts = (line.strip().partition(" ") for line in block.splitlines())
    told: dict[str, str] = {}
    for key, _, value in parts:
        told.setdefault(key, value)
    return told


def _first_number(text: str | None) -> float | None:
    match = re.match(r"-?\d{1,19}", text or "")
    return float(match[0]) if match else None
