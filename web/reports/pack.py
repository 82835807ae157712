"""The evidence pack: the report with its data, what they mean, and digests of all of it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collector.evidence.forms import COLUMNS
from web.reports import indicators
from web.reports.indicators import Indicator

SUMS = "SHA256SUMS"
# of the rules by which the codes of areas are written
CODES = "Permendagri 72/2019 (kode wilayah Kemendagri)"
_MEANING = {
    "period_s": "detik kurun waktu; jumlah kelima keadaan",
    "availability_percent": "(normal + slow) / (normal + slow + down), empat desimal, dipotong",
    "normal_percent": "normal / (normal + slow + down), empat desimal, dipotong",
    "as_of": "saat laporan dibuat, UTC",
    "head": "kepala rantai segel, NOMOR:TAUTAN",
}


def pack(
    folder: Path, names: Sequence[str], figures: Mapping[str, Any], table: Sequence[Indicator]
) -> bytes:
    """A zip: these files of a folder, metadata.json, indikator.csv, SHA256SUMS over all of them.

    The same edition gives the same bytes.
    """
    files = {name: (folder / name).read_bytes() for name in names}
    made = {
        "metadata.json": _json(metadata(figures, files)),
        "indikator.csv": indicators.written(table, indicators.values(figures)).encode(),
    }
    inside = {**files, **made}
    sums = "".join(f"{digest(content)}  {name}\n" for name, content in sorted(inside.items()))
    out = io.BytesIO()
    at = datetime.fromisoformat(figures["as_of"]).astimezone(UTC)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in sorted({**inside, SUMS: sums.encode()}.items()):
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            held.writestr(info, content)
    return out.getvalue()


def metadata(figures: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the data are, as Satu Data Indonesia asks for it (Perpres 39/2019)."""
    head = figures["head"]
    return {
        "judul": "Ketersediaan jaringan desa",
        "definisi": "Lama setiap jalur desa normal, lambat, putus, tidak diketahui atau "
        "dipelihara, menurut agen di desa dan pusat pemantau",
        "produsen_data": "",
        "walidata": "",
        "wilayah": {"kode": figures["place"], "nama": figures["place_name"]},
        "kode_wilayah": CODES,
        "periode": figures["month"],
        "satuan": "detik dan persen",
        "rumus": _MEANING["availability_percent"],
        "kolom": {name: _MEANING.get(name, "") for name in COLUMNS},
        "lisensi": "",
        "dibuat": figures["as_of"],
        "kepala_rantai": f"{head['record']}:{head['link']}" if head["record"] else None,
        "kunci": head["key"] or None,
        "pemeriksaan": "ronda report verify --head NOMOR:TAUTAN; sha256sum -c SHA256SUMS",
        "berkas": {
            name: {"bytes": len(content), "sha256": digest(content)}
            for name, content in sorted(files.items())
        },
    }


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
