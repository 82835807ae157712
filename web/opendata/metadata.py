"""What is told of a dataset to programs: its standard, producer, period, codes, files. Pure.

The standard of a column is what Satu Data Indonesia asks for: concept, definition, classification,
unit (Perpres 39/2019).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.cause import CAUSES
from web.opendata import PREFIX, cells
from web.opendata.datasets import CODES, DAILY, Column, Dataset
from web.opendata.files import FORMS, columns

VERSION = 1


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, under which terms, with codes of which edition; days that there are files of,
    first and last, "" for none."""

    producer: str
    licence: str
    codes: str
    zone: str
    first: str
    last: str
    base: str = ""

    def url(self, path: str) -> str:
        """Where something public is."""
        return f"{self.base}{PREFIX}/{path}"


def metadata(dataset: Dataset, by: Publisher) -> dict[str, Any]:
    """What stands in a dataset's metadata.json."""
    daily = dataset.comes == DAILY
    return {
        "version": VERSION,
        "id": dataset.name,
        "title": dict(dataset.title),
        "description": dict(dataset.about),
        "formula": dict(dataset.formula),
        "producer": by.producer,
        "licence": by.licence or None,
        "period": {
            "unit": "day" if daily else "current",
            "zone": by.zone,
            "first": (by.first or None) if daily else None,
            "last": (by.last or None) if daily else None,
        },
        "code_lists": _code_lists(columns(dataset), by),
        "disclosure": {
            "counts_below": cells.LEAST,
            "rounded_to": cells.STEP,
            "method": "counts under five are left empty; all others are rounded to a multiple of "
            "five in every file, so that no difference of two files is a count under five",
        }
        if dataset.hides
        else None,
        "columns": [_column(column) for column in columns(dataset)],
        "files": [
            {"format": ending, "media_type": form.media, "url": _file(dataset, ending, by)}
            for ending, form in FORMS.items()
        ],
    }


def catalogue(datasets: Sequence[Dataset], by: Publisher) -> dict[str, Any]:
    """What stands in catalog.json."""
    return {
        "version": VERSION,
        "producer": by.producer,
        "licence": by.licence or None,
        "schema": by.url("schema.json"),
        "datasets": [
            {
                "id": each.name,
                "title": dict(each.title),
                "metadata": by.url(f"{each.name}/metadata.json"),
            }
            for each in datasets
        ],
    }


def _file(dataset: Dataset, ending: str, by: Publisher) -> str:
    name = "{date}" if dataset.comes == DAILY else dataset.name
    return by.url(f"{dataset.name}/{name}.{ending}")


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.kind,
        "concept": dict(column.concept),
        "definition": dict(column.definition),
        "unit": column.unit or None,
        "classification": column.classification or None,
    }


def _code_lists(used: Sequence[Column], by: Publisher) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    named = {column.classification for column in used}
    if CODES in named:
        found.append({"id": CODES, "name": "Kode wilayah Kemendagri", "edition": by.codes})
    if "ronda-cause" in named:
        edition = f"Ronda {VERSION}"
        found.append(
            {"id": "ronda-cause", "name": "Ronda", "edition": edition, "values": list(CAUSES)}
        )
    return found


_WORDS = {
    "type": "object",
    "required": ["id", "en"],
    "properties": {"id": {"type": "string", "minLength": 1}, "en": {"type": "string"}},
    "additionalProperties": False,
}
_TEXT = {"type": "string", "minLength": 1}
_MAYBE = {"type": ["string", "null"], "minLength": 1}
_DAY = {"type": ["string", "null"], "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _exactly(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "metadata.json",
    **_exactly(
        version={"const": VERSION},
        id=_TEXT,
        title=_WORDS,
        description=_WORDS,
        formula=_WORDS,
        producer=_TEXT,
        licence=_MAYBE,
        period=_exactly(unit={"enum": ["day", "current"]}, zone=_TEXT, first=_DAY, last=_DAY),
        code_lists={
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "name", "edition"],
                "properties": {
                    "id": _TEXT,
                    "name": _TEXT,
                    "edition": _TEXT,
                    "values": {"type": "array", "items": _TEXT},
                },
                "additionalProperties": False,
            },
        },
        disclosure={
            "oneOf": [
                {"type": "null"},
                _exactly(
                    counts_below={"const": 5}, rounded_to={"const": 5}, method={"type": "string"}
                ),
            ]
        },
        columns={
            "type": "array",
            "minItems": 1,
            "items": _exactly(
                name={"type": "string", "pattern": "^[a-z][a-z_]*$"},
                type={"enum": ["string", "integer", "number", "boolean"]},
                concept=_WORDS,
                definition=_WORDS,
                unit=_MAYBE,
                classification=_MAYBE,
            ),
        },
        files={
            "type": "array",
            "minItems": 3,
            "items": _exactly(
                format={"enum": ["csv", "json", "parquet"]}, media_type=_TEXT, url=_TEXT
            ),
        },
    ),
}
