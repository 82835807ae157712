"""Boundaries become a drawing: what neighbours share stays shared, whatever the file is like."""

import math
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.outline import Frame, outline

Ring = list[list[float]]


def polygon(*rings: Ring) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring + [ring[0]] for ring in rings]}


def box(west: float, south: float, size: float = 0.1) -> Ring:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north]]


def points(path: str) -> list[list[tuple[int, int]]]:
    """The rings of a path, from its relative steps."""
    found = []
    for part in path.split("z")[:-1]:
        numbers = [int(n) for n in re.findall(r"-?\d+", part)]
        x, y, ring = 0, 0, []
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        found.append(ring)
    return found


def test_no_boundary_is_no_drawing() -> None:
    assert outline({}) is None


def test_north_is_up_and_all_is_inside() -> None:
    drawn = outline({"a": polygon(box(114.0, -8.0)), "b": polygon(box(114.0, -7.8))})
    assert drawn is not None
    (south,), (north,) = points(drawn.shapes["a"].path), points(drawn.shapes["b"].path)
    assert max(y for _, y in north) < min(y for _, y in south)
    for ring in (south, north):
        assert all(0 <= x <= drawn.frame.width and 0 <= y <= drawn.frame.height for x, y in ring)


def test_a_lake_is_a_ring_of_its_own() -> None:
    drawn = outline({"a": polygon(box(114, -8), box(114.04, -7.96, 0.02))})
    assert drawn is not None
    assert len(points(drawn.shapes["a"].path)) == 2


def test_islands_belong_together_and_the_name_stands_on_the_largest() -> None:
    many = {"type": "MultiPolygon", "coordinates": [polygon(each)["coordinates"] for each in (
        box(114, -8, 0.02), box(114.2, -8, 0.2))]}  # fmt: skip
    drawn = outline({"a": many})
    assert drawn is not None
    shape = drawn.shapes["a"]
    assert len(points(shape.path)) == 2
    assert shape.x > drawn.frame.width / 2


def test_a_straight_coast_of_many_points_becomes_a_few() -> None:
    coast = [[114 + n / 1000, -8.0] for n in range(100)]
    drawn = outline({"a": polygon([*coast, [114.1, -7.9], [114.0, -7.9]])})
    assert drawn is not None
    assert len(points(drawn.shapes["a"].path)[0]) <= 6


def test_an_area_too_small_to_see_has_no_shape() -> None:
    drawn = outline({"a": polygon(box(114, -8, 1.0)), "dot": polygon(box(114.5, -7.5, 1e-6))})
    assert drawn is not None
    assert set(drawn.shapes) == {"a"}


def test_everything_in_one_place_is_no_reason_to_break() -> None:
    drawn = outline({"a": polygon([[114.0, -8.0]] * 3)})
    assert drawn is None or drawn.shapes == {}


@pytest.mark.slow
@given(st.lists(st.floats(-0.004, 0.004), min_size=30, max_size=200))
def test_two_neighbours_share_their_border_to_the_point(wiggle: list[float]) -> None:
    steps = len(wiggle) + 1
    border = [[114.1 + dx, -8.0 + 0.1 * n / steps] for n, dx in enumerate(wiggle, 1)]
    ends = [114.1, -8.0], [114.1, -7.9]
    left = [[114.0, -8.0], ends[0], *border, ends[1], [114.0, -7.9]]
    # the other file runs the other way round and begins elsewhere
    right = [ends[1], *border[::-1], ends[0], [114.2, -8.0], [114.2, -7.9]]
    drawn = outline({"left": polygon(left), "right": polygon(right)})
    assert drawn is not None
    one, other = (sides(points(drawn.shapes[name].path)[0]) for name in ("left", "right"))
    middle = at(drawn.frame, -8.0, 114.1), at(drawn.frame, -7.9, 114.1)
    shared = {each for each in one if each in other}
    assert {end for end in middle} <= {point for side in shared for point in side}
    inside = [side for side in one ^ other if all(between(p, middle) for p in side)]
    assert inside == [], "no gap and no overlap"


def sides(ring: list[tuple[int, int]]) -> set[frozenset[tuple[int, int]]]:
    return {frozenset(pair) for pair in pairwise([*ring, ring[0]])}


def at(frame: Frame, lat: float, lon: float) -> tuple[int, int]:
    x, y = frame.at(lat, lon)
    return round(x), round(y)


def between(point: tuple[int, int], ends: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    low, high = sorted(y for _, y in ends)
    return low < point[1] < high and abs(point[0] - ends[0][0]) < 60


@pytest.mark.parametrize("lat", [0.0, -8.0, 5.5])
def test_a_degree_east_is_as_long_as_on_the_ground(lat: float) -> None:
    drawn = outline({"a": polygon(box(114, lat - 0.5, 1.0))})
    assert drawn is not None
    ratio = drawn.frame.width / drawn.frame.height
    assert math.isclose(ratio, math.cos(math.radians(lat)), rel_tol=0.02)
