"""Which indicators of SPBE or Pemdi a report is evidence for: a table that the regency edits.

DATA/indicators.csv wins over the one here; `ronda report indicators` prints what holds.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from agent.strict import Refused
from collector.inventory.sheet import escape

FILE = "indicators.csv"
COLUMNS = ("framework", "indicator", "title", "evidence", "note")
MOST, LONGEST = 200, 500
# what a report can be evidence of, and the figure that says so
EVIDENCE = (
    "availability", "villages", "incidents", "handled_in_time", "sealed_days", "refunds",
    "corrections", "changes", "wifi", "open_data",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line: of which framework, its number and title, what of the report speaks for it."""

    framework: str
    indicator: str
    title: str
    evidence: str
    note: str = ""


DEFAULT = (
    Indicator("SPBE", "I17", "Layanan jaringan intra pemerintah", "availability",
              "ketersediaan jaringan desa per kecamatan dan penyedia"),
    Indicator("SPBE", "I24", "Manajemen aset TIK", "villages", "desa dan jalur yang dipantau"),
    Indicator("SPBE", "I28", "Manajemen layanan SPBE", "handled_in_time",
              "gangguan terhadap SOP penanganan"),
    Indicator("SPBE", "I29", "Audit TIK", "sealed_days", "rantai catatan bersegel"),
    Indicator("SPBE", "I42", "Layanan pengaduan pelayanan publik", "incidents",
              "gangguan yang dibuka dan ditangani"),
    Indicator("SPBE", "I43", "Layanan data terbuka", "open_data", "CSV dengan metadata"),
    Indicator("Pemdi", "", "isi menurut pedoman yang berlaku", "availability",
              "Perpres 12/2025: 35 indikator"),
)  # fmt: skip


def load(data: Path) -> Sequence[Indicator]:
    """The table that holds; Refused names the line that cannot be."""
    path = data / FILE
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return DEFAULT
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(FILE, f"cannot be read: {error}") from error
    return read(text)


def read(text: str) -> list[Indicator]:
    """A table as CSV, with commas or semicolons. Pure."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    names = [name.strip() for name in rows.fieldnames or ()]
    if missing := [name for name in COLUMNS[:4] if name not in names]:
        raise Refused(FILE, f"there is no column {missing[0]}")
    rows.fieldnames = names
    found = [_one(row, rows.line_num) for row in rows]
    if len(found) > MOST:
        raise Refused(FILE, f"{len(found)} lines are too many, {MOST} are the most")
    return found


def written(table: Sequence[Indicator], values: Mapping[str, Any] | None = None) -> str:
    """The table as CSV; with figures, what they say beside each."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([*COLUMNS, *(["value"] if values is not None else [])])
    for each in table:
        told = [] if values is None else [values.get(each.evidence, "")]
        lines.writerow([escape(str(cell)) for cell in (*astuple(each), *told)])
    return out.getvalue()


def values(figures: Mapping[str, Any]) -> dict[str, str]:
    """What the figures of a report say of each kind of evidence. Pure."""
    incidents, wifi = figures["incidents"], figures["wifi"]
    share, total = incidents["in_time_percent"], figures["total"]["availability_percent"]
    days = figures["sealed_days"], figures["sealed_days"] + figures["unsealed_days"]
    return {
        "availability": "" if total is None else f"{total:.4f} %",
        "villages": str(figures["villages_count"]),
        "incidents": str(incidents["count"]),
        "handled_in_time": "" if share is None else f"{share:.4f} %",
        "sealed_days": f"{days[0]} / {days[1]}",
        "refunds": f"Rp {figures['refunds_rp']}",
        "corrections": str(len(figures["corrections"]) + figures["left_out"]["corrections"]),
        "changes": str(sum(each["records"] for each in figures["changes"])),
        "wifi": f"{wifi['villages']} / {wifi['person_hours']:.0f}",
        "open_data": "laporan.csv",
    }


def _one(row: Mapping[str, Any], line: int) -> Indicator:
    cells = [" ".join((row.get(name) or "").split()) for name in COLUMNS]
    if any(len(cell) > LONGEST for cell in cells):
        raise Refused(f"{FILE}, line {line}", f"must be {LONGEST} characters at most")
    # what was saved from a table that we wrote
    made = Indicator(*(cell.removeprefix("'") for cell in cells))
    if made.evidence not in EVIDENCE:
        known = ", ".join(EVIDENCE)
        raise Refused(f"{FILE}, line {line}", f"evidence: {made.evidence!r} is not one of {known}")
    return made
