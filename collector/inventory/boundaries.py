"""Boundaries of areas from GeoJSON, kept as text, matched by the code in their properties."""

import json
import math
from collections.abc import Mapping
from typing import Any

from collector.inventory import cells, sheet
from collector.inventory.sheet import BadFile

_KEPT = ("type", "coordinates")
_DEPTH = {"Polygon": 2, "MultiPolygon": 3}


def read(data: bytes, file: str) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """Rows of areas with their boundary, each with its place in the file, and what is wrong with
    others; BadFile where it is no GeoJSON."""
    if len(data) > sheet.LARGEST_BYTES:
        raise BadFile(file, [f"larger than {sheet.LARGEST_BYTES >> 20} MiB"])
    try:
        features = _features(json.loads(data.decode("utf-8-sig"), parse_constant=_no_number))
    except (ValueError, RecursionError) as error:
        raise BadFile(file, [f"not GeoJSON: {error}"]) from error
    found: list[tuple[str, dict[str, Any]]] = []
    problems: list[str] = []
    for index, feature in enumerate(features, 1):
        try:
            found.append((f"feature {index}", _area(feature)))
        except ValueError as error:
            problems.append(f"feature {index}, {error}")
    return found, problems


def _features(document: Any) -> list[Any]:
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise ValueError("expected a FeatureCollection")
    features = document.get("features")
    if not isinstance(features, list) or len(features) > sheet.MOST_ROWS:
        raise ValueError(f"expected a list of up to {sheet.MOST_ROWS} features")
    return features


def _area(feature: Any) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(properties.get("code"), str):
        raise ValueError("property code: is missing or no text")
    try:
        area = {"code": cells.area_code(sheet.clean(properties["code"]))}
    except ValueError as error:
        raise ValueError(f"property code: {error}") from error
    name = properties.get("name")
    if isinstance(name, str) and sheet.clean(name):
        area["name"] = cells.plain(sheet.clean(name))
    return {**area, "boundary": _boundary(feature.get("geometry"))}


def _boundary(geometry: Any) -> str:
    kept = {key: geometry.get(key) for key in _KEPT} if isinstance(geometry, Mapping) else {}
    depth = _DEPTH.get(str(kept.get("type")))
    if depth is None or not _is_shape(kept["coordinates"], depth):
        raise ValueError("geometry: expected a Polygon or MultiPolygon in degrees")
    return json.dumps(kept, separators=(",", ":"))


def _is_shape(part: Any, depth: int) -> bool:
    """Lists in lists down to rings of [longitude, latitude]."""
    if not isinstance(part, list) or not part:
        return False
    if depth > 0:
        return all(_is_shape(inner, depth - 1) for inner in part)
    return (
        len(part) in (2, 3)
        and all(map(_is_number, part))
        and -180 <= part[0] <= 180
        and -90 <= part[1] <= 90
    )


def _is_number(value: Any) -> bool:
    # 1e999 is a number of JSON and of no map
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")
