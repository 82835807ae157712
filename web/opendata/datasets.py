"""The datasets: what each tells, and what each of its columns means, in both languages. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# types of columns, as JSON Schema and Parquet both know them
TEXT, WHOLE, NUMBER, FLAG = "string", "integer", "number", "boolean"
# how a dataset comes out: one file a day, or one as things are
DAILY, CURRENT = "daily", "current"

Words = Mapping[str, str]


def both(indonesian: str, english: str) -> Words:
    return {"id": indonesian, "en": english}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `counts`: it counts people or incidents, `agencies`: not in public files."""

    name: str
    kind: str
    concept: Words
    definition: Words
    unit: str = ""
    classification: str = ""
    counts: bool = False
    agencies: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset; `comes` says how. Where the count `people` of a row is hidden, all counts of
    the row are: they tell of the same few."""

    name: str
    title: Words
    about: Words
    comes: str
    formula: Words
    columns: Sequence[Column]
    people: str = ""

    @property
    def open(self) -> list[Column]:
        """The columns of public files."""
        return [column for column in self.columns if not column.agencies]

    @property
    def hides(self) -> bool:
        """Whether cells of it may be hidden."""
        return any(column.counts for column in self.columns)


CODES = "kemendagri"
_DATE = Column(
    "date",
    TEXT,
    both("Tanggal", "Date"),
    both("Hari menurut jam setempat, ISO 8601", "the day by the local clock, ISO 8601"),
)
_DISTRICT = (
    Column(
        "district_code",
        TEXT,
        both("Kode kecamatan", "District code"),
        both("Kode wilayah Kemendagri", "code of the Ministry of Home Affairs"),
        classification=CODES,
    ),
    Column(
        "district_name",
        TEXT,
        both("Kecamatan", "District"),
        both("Nama kecamatan", "name of the district"),
    ),
)


def _code(name: str, indonesian: str, english: str) -> Column:
    meaning = both("Kode wilayah Kemendagri", "code of the Ministry of Home Affairs")
    return Column(name, TEXT, both(indonesian, english), meaning, classification=CODES)


def _share(name: str, indonesian: str, english: str, meaning: Words) -> Column:
    return Column(name, NUMBER, both(indonesian, english), meaning, "percent")


def _seconds(state: str, indonesian: str) -> Column:
    meaning = both(
        f"Lama lokasi berstatus {indonesian}", f"how long the site was {state} on that day"
    )
    concept = both(f"Lama {indonesian}", f"Time {state}")
    return Column(f"{state}_s", WHOLE, concept, meaning, "s", agencies=True)


_OF_THE_DAY = both("bagian dari hari itu", "the part of that day")
AVAILABILITY = Dataset(
    "availability",
    both("Ketersediaan internet desa", "Availability of village internet"),
    both(
        "Untuk tiap lokasi dan hari: bagian waktu yang diketahui saat internet berfungsi, dari "
        "rekaman harian yang disegel.",
        "For each site and day: the part of the known time in which internet worked, from the "
        "sealed record of the day.",
    ),
    DAILY,
    both(
        "(normal + lambat) / (normal + lambat + putus), waktu tidak diketahui dan pemeliharaan "
        "tidak dihitung",
        "(normal + slow) / (normal + slow + down); unknown time and maintenance do not count",
    ),
    (
        _DATE,
        Column(
            "site_code",
            TEXT,
            both("Kode lokasi", "Site code"),
            both("Kode desa, bila perlu dengan akhiran", "village code, with a suffix if need be"),
            classification=CODES,
        ),
        Column("site_name", TEXT, both("Lokasi", "Site"), both("Nama lokasi", "name of the site")),
        *_DISTRICT,
        _share(
            "availability_percent",
            "Ketersediaan",
            "Availability",
            both(
                "Lihat rumus; kosong bila tidak ada yang diketahui", "see formula; empty: unknown"
            ),
        ),
        _share("slow_percent", "Lambat", "Slow", _OF_THE_DAY),
        _share("down_percent", "Putus", "Down", _OF_THE_DAY),
        _share("unknown_percent", "Tidak diketahui", "Unknown", _OF_THE_DAY),
        _share("maintenance_percent", "Pemeliharaan", "Maintenance", _OF_THE_DAY),
        _seconds("normal", "normal"),
        _seconds("slow", "lambat"),
        _seconds("down", "putus"),
        _seconds("unknown", "tidak diketahui"),
        _seconds("maintenance", "pemeliharaan"),
        Column(
            "outages",
            WHOLE,
            both("Gangguan", "Outages"),
            both("Putusnya internet pada hari itu", "stretches without internet on that day"),
            "count",
            agencies=True,
        ),
        Column(
            "record",
            WHOLE,
            both("Nomor rekaman", "Record number"),
            both("Nomor rekaman yang disegel", "number of the sealed record"),
            agencies=True,
        ),
    ),
)
WIFI = Dataset(
    "wifi",
    both("Pemakaian wifi publik", "Use of public wifi"),
    both(
        "Untuk tiap kecamatan dan hari: pemakaian wifi publik desa. Orang dihitung, tidak "
        "dikenali.",
        "For each district and day: the use of villages' public wifi. People are counted, never "
        "told apart.",
    ),
    DAILY,
    both(
        "jumlah, atas semua jam dan lokasi, orang yang sedang tersambung",
        "the sum, over all hours and sites, of the people online",
    ),
    (
        _DATE,
        *_DISTRICT,
        Column(
            "people_peak",
            WHOLE,
            both("Orang pada jam tersibuk", "People in the busiest hour"),
            both(
                "Jumlah, atas semua lokasi, orang pada jam tersibuk masing-masing",
                "the sum, over all sites, of the people in the busiest hour of each",
            ),
            "count",
            counts=True,
        ),
        Column(
            "person_hours",
            WHOLE,
            both("Jam-orang", "Person-hours"),
            both("Orang tersambung kali jam", "people online times hours"),
            "h",
            counts=True,
        ),
        Column(
            "gigabytes",
            WHOLE,
            both("Data", "Traffic"),
            both("Data dua arah; kosong bila tidak diukur", "both ways; empty: not measured"),
            "GB",
            counts=True,
        ),
        _share(
            "coverage_percent",
            "Cakupan",
            "Coverage",
            both("Bagian lokasi yang menghitung hari itu", "the part of the sites that counted"),
        ),
    ),
    people="people_peak",
)
INCIDENTS = Dataset(
    "incidents",
    both("Gangguan menurut penyebab", "Incidents by cause"),
    both(
        "Untuk tiap kecamatan, hari, dan penyebab: gangguan yang mulai dan yang selesai.",
        "For each district, day and cause: incidents that began and that ended.",
    ),
    DAILY,
    both(
        "gangguan yang meliputi beberapa kecamatan dihitung di tiap kecamatan",
        "an incident of several districts counts in each of them",
    ),
    (
        _DATE,
        *_DISTRICT,
        Column(
            "cause",
            TEXT,
            both("Penyebab", "Cause"),
            both("Penyebab menurut Ronda", "the cause as Ronda has it"),
            classification="ronda-cause",
        ),
        Column(
            "opened",
            WHOLE,
            both("Mulai", "Opened"),
            both("Gangguan yang mulai", "incidents that began"),
            "count",
            counts=True,
        ),
        Column(
            "resolved",
            WHOLE,
            both("Selesai", "Resolved"),
            both("Gangguan yang selesai", "incidents that ended"),
            "count",
            counts=True,
        ),
    ),
)
SITES = Dataset(
    "sites",
    both("Daftar lokasi", "List of sites"),
    both(
        "Lokasi yang dipantau, dengan kode wilayah Kemendagri.",
        "The sites that are watched, with codes of the Ministry of Home Affairs.",
    ),
    CURRENT,
    both("lokasi aktif pada saat berkas dibuat", "sites in operation when the file was made"),
    (
        Column(
            "site_code",
            TEXT,
            both("Kode lokasi", "Site code"),
            both("Kode desa, bila perlu dengan akhiran", "village code, with a suffix if need be"),
            classification=CODES,
        ),
        Column("site_name", TEXT, both("Lokasi", "Site"), both("Nama lokasi", "name of the site")),
        _code("village_code", "Kode desa", "Village code"),
        *_DISTRICT,
        _code("regency_code", "Kode kabupaten", "Regency code"),
        _code("province_code", "Kode provinsi", "Province code"),
        Column("latitude", NUMBER, both("Lintang", "Latitude"), both("WGS 84", "WGS 84"), "degree"),
        Column("longitude", NUMBER, both("Bujur", "Longitude"), both("WGS 84", "WGS 84"), "degree"),
    ),
)
DATASETS: Mapping[str, Dataset] = {d.name: d for d in (AVAILABILITY, WIFI, INCIDENTS, SITES)}


def empty(dataset: Dataset) -> dict[str, Any]:
    """A row with nothing in it."""
    return {column.name: None for column in dataset.columns}
