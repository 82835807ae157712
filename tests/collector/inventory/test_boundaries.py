"""Boundaries that are no boundaries are refused with their place."""

import pytest

from collector.inventory.importing import parse
from collector.inventory.sheet import BadFile

RING = "[[[114.1,-8.4],[114.2,-8.4],[114.2,-8.5],[114.1,-8.4]]]"
POLYGON = f'{{"type":"Polygon","coordinates":{RING}}}'


def feature(code: str = '"35.10.06"', geometry: str = POLYGON) -> str:
    properties = f'{{"code":{code},"name":"Cluring"}}'
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def collection(*features: str) -> bytes:
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode()


def test_a_boundary_keeps_its_geometry_and_nothing_else() -> None:
    parsed = parse("areas", b"\xef\xbb\xbf " + collection(feature()), "kecamatan.geojson")
    kept = {"code": "35.10.06", "name": "Cluring", "boundary": POLYGON}
    assert list(parsed.rows) == [("feature 1", kept)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"{", "not GeoJSON: Expecting property name enclosed in double quotes"),
        (b'{"type":"Feature"}', "not GeoJSON: expected a FeatureCollection"),
        (b"{" * 100_000, "not GeoJSON"),
        (collection(feature(code="3510")), "feature 1, property code: is missing or no text"),
        (
            collection(feature(), feature(code='"35.1"')),
            "feature 2, property code: expected groups",
        ),
        (collection(feature(geometry="null")), "feature 1, geometry: expected a Polygon"),
        (
            collection(feature(geometry='{"type":"Point","coordinates":[114,-8]}')),
            "feature 1, geometry: expected a Polygon",
        ),
        (
            collection(feature(geometry=POLYGON.replace("114.1", "1141"))),
            "feature 1, geometry: expected a Polygon",
        ),
        (
            collection(feature(geometry=POLYGON.replace("114.1", "NaN"))),
            "not GeoJSON: NaN is not a number",
        ),
        (
            collection(feature(geometry=POLYGON.replace("114.1,", "114.1,-8.4,1e999],[114.1,", 1))),
            "feature 1, geometry: expected a Polygon",
        ),
        (collection(feature(), feature()), "feature 2, column code: 35.10.06 stands on feature 1"),
    ],
)
def test_what_is_no_boundary_is_refused_with_its_place(data: bytes, problem: str) -> None:
    with pytest.raises(BadFile) as refused:
        parse("areas", data, "areas.geojson")
    assert str(refused.value).startswith(f"areas.geojson: {problem}")
