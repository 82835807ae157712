"""Where the simulated villages lie: codes, names and what they share with their neighbours.

Real provinces and regencies, invented districts: their numbers begin at 71, where no real
kecamatan is, so that a simulated village never takes the place of one in the inventory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.strict import Refused

VILLAGES = 12  # of a district
DISTRICTS = 25  # of a regency
PER_REGENCY = VILLAGES * DISTRICTS
_FIRST_DISTRICT = 71
_FIRST_VILLAGE = 2001
_REGENCIES = 49  # invented ones of a province, numbered 51 to 99
DEFAULT_SEED = 1

# the programmes this was made for come first; (code, name, latitude, longitude)
_KNOWN = (
    ("35.10", "Kabupaten Banyuwangi", -8.35, 114.15),
    ("33.01", "Kabupaten Cilacap", -7.50, 108.88),
    ("33.23", "Kabupaten Temanggung", -7.26, 110.13),
    ("32.16", "Kabupaten Bekasi", -6.22, 107.12),
    ("62.02", "Kabupaten Kotawaringin Timur", -2.08, 112.74),
)
# (province code, latitude, longitude)
_PROVINCES = (
    (11, 4.7, 96.7), (12, 2.1, 99.5), (13, -0.7, 100.8), (14, 0.3, 101.7), (15, -1.6, 103.6),
    (16, -3.3, 104.0), (17, -3.8, 102.3), (18, -4.6, 105.4), (32, -6.9, 107.6), (33, -7.2, 110.1),
    (35, -7.5, 112.2), (51, -8.4, 115.1), (52, -8.6, 117.4), (53, -8.7, 121.1), (61, -0.3, 111.5),
    (63, -3.1, 115.3), (64, 0.5, 116.4), (71, 0.6, 123.9), (72, -1.4, 121.4), (73, -3.7, 119.9),
    (74, -4.1, 122.2), (81, -3.2, 130.1), (82, 1.6, 127.8), (91, -1.3, 133.2), (94, -4.3, 138.1),
)  # fmt: skip
_HEADS = (
    "Suka", "Sumber", "Karang", "Kali", "Tegal", "Kedung", "Rejo", "Tanjung", "Wono", "Banjar",
    "Gunung", "Sido", "Mulyo", "Tambak", "Bendo", "Jati", "Purwo", "Giri", "Pasir", "Watu",
    "Muara", "Padang", "Sungai", "Bangun", "Marga", "Kebon", "Pring", "Kembang", "Telaga",
)  # fmt: skip
_TAILS = (
    "sari", "rejo", "mulyo", "agung", "asri", "jaya", "harjo", "ayu", "anyar", "dadi", "makmur",
    "gede", "wangi", "raya", "indah", "lestari", "tirto", "bakti", "maju", "jati", "kidul", "lor",
    "wetan", "kulon", "arum", "manis", "sakti", "luhur",
)  # fmt: skip
_ISPS = ("Telkom", "Icon+", "Comtelindo", "Lintasarta", "BUMDes Net")


@dataclass(frozen=True, slots=True)
class Village:
    """One simulated site; the field names are the columns of the inventory."""

    code: str
    name: str
    district: str
    regency: str
    lat: float
    lon: float
    isp: str
    upstream: str
    power_feeder: str


def villages(count: int, seed: int = DEFAULT_SEED) -> Iterator[Village]:
    """The first `count` villages; another seed has the same villages under codes of its own."""
    room = (len(_KNOWN) + _REGENCIES * len(_PROVINCES)) * PER_REGENCY
    if not 1 <= count <= room:
        raise Refused("--sites", f"must be 1 to {room}")
    suffix = "" if seed == DEFAULT_SEED else f"-s{seed}"
    for number in range(count):
        yield _village(number, suffix)


def _village(number: int, suffix: str) -> Village:
    regency_at, inside = divmod(number, PER_REGENCY)
    district_at, village_at = divmod(inside, VILLAGES)
    regency, regency_name, lat, lon = _regency(regency_at)
    district = _name(regency_at * DISTRICTS + district_at, 7)
    neighbours = _name(regency_at * DISTRICTS + district_at // 3 * 3, 7)
    # most of a regency has one contract, the rest what could be had there
    other = _mix(number) % 10 < 3
    # there are fewer names than places: what only sounds alike must not fall together
    there = f" ({regency})" if regency_at else ""
    isp = _ISPS[(regency_at + (1 + _mix(number, 3) % 4 if other else 0)) % len(_ISPS)]
    return Village(
        code=f"{regency}.{_FIRST_DISTRICT + district_at}.{_FIRST_VILLAGE + village_at}{suffix}",
        name=_name(number, 1),
        district=district,
        regency=regency_name,
        lat=round(lat + (district_at // 5 - 2) * 0.09 + (village_at // 4 - 1) * 0.025, 5),
        lon=round(lon + (district_at % 5 - 2) * 0.09 + (village_at % 4 - 1.5) * 0.02, 5),
        isp=isp,
        upstream=f"POP {neighbours} {isp}{there}",
        power_feeder=f"Penyulang {_name(regency_at * DISTRICTS + district_at // 2 * 2, 11)}{there}",
    )


def _regency(number: int) -> tuple[str, str, float, float]:
    if number < len(_KNOWN):
        return _KNOWN[number]
    row, column = divmod(number - len(_KNOWN), len(_PROVINCES))
    province, lat, lon = _PROVINCES[column]
    code = f"{province}.{51 + row}"
    return code, f"Kabupaten {_name(number, 5)}", lat + row * 0.01, lon + row * 0.01


def _name(number: int, salt: int) -> str:
    mixed = _mix(number, salt)
    tail = _TAILS[mixed // len(_HEADS) % len(_TAILS)]
    return _HEADS[mixed % len(_HEADS)] + tail


def _mix(number: int, salt: int = 0) -> int:
    """A number that looks drawn by lot, the same on every machine."""
    mixed = (number * 0x9E3779B97F4A7C15 + salt * 0xBF58476D1CE4E5B9 + 1) & (1 << 64) - 1
    mixed ^= mixed >> 29
    mixed = mixed * 0x94D049BB133111EB & (1 << 64) - 1
    return mixed >> 33
