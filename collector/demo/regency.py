"""The regency of the demo: its areas, villages, lines and people, out of one data file."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from collector.inventory import places
from collector.simulate.geography import Village

FILE = Path(__file__).with_name("regency.toml")
DRILL = "LATIHAN"
_FIRST_VILLAGE = 2001
_NOBODY = "+62000002"  # what follows 62 begins with 1 to 9 wherever a telephone rings
_NOC = "+620000000001"
# of twelve villages: most on one contract, the rest what could be had there
_LINES = (0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 2)
_MOST_RINGS = (0.7, 0.55, 0.3)

Row = dict[str, Any]


@cache
def _told() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text())


def areas() -> list[Row]:
    """Province, regency and districts, these with their boundaries."""
    districts = [
        {"code": d["code"], "name": d["name"], "level": "district", "kind": "Kecamatan"}
        | {"boundary": _polygon(d["ring"])}
        for d in _told()["districts"]
    ]
    rows = [*_told()["areas"], *districts]
    return [{**row, "parent": places.parent(row["code"])} for row in rows]


def villages() -> list[Village]:
    """All of them, in the order of their codes."""
    return [village for number in range(len(_told()["districts"])) for village in _of(number)]


def uplinks() -> list[Row]:
    """One line for each village."""
    isps = {isp["name"]: isp for isp in _told()["isps"]}
    return [
        {
            "site": village.code,
            "name": "main",
            "isp": village.isp,
            "upstream": village.upstream,
            "type": "VSAT" if "Satelit" in village.isp else "FO",
            "service_no": f"{DRILL}-{number:04d}",
            "mbps": float(isps[village.isp]["mbps"]),
            "sla": 98.0,
            "isp_phone": isps[village.isp]["phone"],
        }
        for number, village in enumerate(villages(), 1)
    ]


def contacts() -> list[Row]:
    """One in each village, and the control room; none of them has a telephone that rings."""
    noc = {"scope": "98.01", "name": f"NOC Kentongan ({DRILL})", "role": "noc", "whatsapp": _NOC}
    people = [
        {
            "scope": village.code,
            "name": f"Operator {village.name} ({DRILL})",
            "role": "village",
            "whatsapp": f"{_NOBODY}{number:04d}",
        }
        for number, village in enumerate(villages(), 1)
    ]
    return [noc, *people]


def sites(every_s: int) -> list[Row]:
    """Rows of the inventory for all villages."""
    return [
        {**asdict(village), "report_every_s": every_s, "lifecycle": "active"}
        for village in villages()
    ]


def _of(number: int) -> Iterator[Village]:
    told = _told()
    district = told["districts"][number]
    places = _places(district["ring"])
    for at, (head, line, (lon, lat)) in enumerate(zip(told["heads"], _LINES, places, strict=True)):
        isp = told["isps"][line]["name"]
        yield Village(
            code=f"{district['code']}.{_FIRST_VILLAGE + at}",
            name=head + district["tail"],
            district=district["name"],
            regency="Kentongan",
            lat=round(lat, 4),
            lon=round(lon, 4),
            isp=isp,
            upstream=f"POP {district['name']} {isp}",
            power_feeder=f"Penyulang {district['name']} {1 + at // 6}",
        )


def _places(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Twelve places between the middle of a ring and its corners and sides."""
    lon, lat = (sum(point[axis] for point in ring) / len(ring) for axis in (0, 1))
    sides = [
        [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]
    found = [
        (lon + part * (point[0] - lon), lat + part * (point[1] - lat))
        for points, part in zip((ring, sides, ring), _MOST_RINGS, strict=True)
        for point in points
    ]
    return found[:12]


def _polygon(ring: Sequence[Sequence[float]]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
