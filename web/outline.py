"""Boundaries as a drawing: projected, simplified without gaps between neighbours, as SVG paths."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[int, int]
Ring = list[Point]

WIDTH, TALLEST = 640, 760
EDGE = 8
# how far, in units of the drawing, a line may leave the true one
_TOLERANCE = 1.2


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a place on earth lies in the drawing."""

    west: float
    north: float
    scale: float
    squeeze: float
    width: int
    height: int

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """x and y of a place."""
        x = EDGE + (lon - self.west) * self.squeeze * self.scale
        return x, EDGE + (self.north - lat) * self.scale


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: its path, and where its name may stand."""

    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A drawing of areas."""

    frame: Frame
    shapes: Mapping[str, Shape]


def frame(places: Sequence[tuple[float, float]]) -> Frame:
    """A frame for these places (lat, lon), north above; at least one is needed."""
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    squeeze = math.cos(math.radians((south + north) / 2)) or 1.0
    wide, high = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * EDGE) / wide, (TALLEST - 2 * EDGE) / high)
    width, height = round(wide * scale) + 2 * EDGE, round(high * scale) + 2 * EDGE
    return Frame(west, north, scale, squeeze, width, height)


def outline(geometries: Mapping[str, Any]) -> Outline | None:
    """The drawing of these GeoJSON polygons by code; None when there is none."""
    places = [(p[1], p[0]) for each in geometries.values() for ring in _rings(each) for p in ring]
    if not places:
        return None
    box = frame(places)
    rings = {
        code: [ring for ring in (_on_grid(box, each) for each in _rings(geometry)) if len(ring) > 2]
        for code, geometry in geometries.items()
    }
    kept = _simplified(rings)
    shapes = {code: _shape(found) for code, found in kept.items() if found}
    return Outline(box, shapes)


def _rings(geometry: Any) -> Iterator[Any]:
    many = geometry["type"] == "MultiPolygon"
    for polygon in geometry["coordinates"] if many else [geometry["coordinates"]]:
        yield from polygon


def _on_grid(box: Frame, ring: Any) -> Ring:
    """Whole units: what neighbours share stays shared."""
    found: Ring = []
    for point in ring:
        x, y = box.at(point[1], point[0])
        cell = (round(x), round(y))
        if not found or found[-1] != cell:
            found.append(cell)
    if len(found) > 1 and found[0] == found[-1]:
        found.pop()
    return found


def _simplified(rings: Mapping[str, Sequence[Ring]]) -> dict[str, list[Ring]]:
    """Each line between two corners where areas meet is thinned once, the same for both sides."""
    corners = _corners([ring for each in rings.values() for ring in each])
    found: dict[str, list[Ring]] = {}
    for code, each in rings.items():
        thin = [_thin_ring(ring, corners) for ring in each]
        found[code] = [ring for ring in thin if len(ring) > 2]
    return found


def _corners(rings: Sequence[Ring]) -> set[Point]:
    beside: dict[Point, set[Point]] = {}
    for ring in rings:
        for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
            beside.setdefault(one, set()).add(other)
            beside.setdefault(other, set()).add(one)
    return {point for point, near in beside.items() if len(near) != 2}


def _thin_ring(ring: Ring, corners: set[Point]) -> Ring:
    starts = [place for place, point in enumerate(ring) if point in corners]
    if not starts:
        # no neighbour: begin at the same point whatever the order of the file
        starts = [ring.index(min(ring))]
    if len(starts) == 1:
        # two ends are needed: the point farthest from the one
        first = ring[starts[0]]
        far = max(range(len(ring)), key=lambda place: (math.dist(ring[place], first), ring[place]))
        starts = sorted({starts[0], far})
    found: Ring = []
    for begin, end in zip(starts, [*starts[1:], starts[0] + len(ring)], strict=True):
        line = [ring[place % len(ring)] for place in range(begin, end + 1)]
        found += _thin(line)[:-1]
    return found


def _thin(line: Ring) -> Ring:
    """Ramer, Douglas and Peucker's way; a line and its reverse give the same points."""
    if line[0] > line[-1]:
        return _thin(line[::-1])[::-1]
    keep, open_ends = {0, len(line) - 1}, [(0, len(line) - 1)]
    while open_ends:
        begin, end = open_ends.pop()
        far, place = _farthest(line, begin, end)
        if far > _TOLERANCE:
            keep.add(place)
            open_ends += [(begin, place), (place, end)]
    return [line[place] for place in sorted(keep)]


def _farthest(line: Ring, begin: int, end: int) -> tuple[float, int]:
    (ax, ay), (bx, by) = line[begin], line[end]
    long = math.hypot(bx - ax, by - ay)
    best, found = 0.0, begin
    for place in range(begin + 1, end):
        x, y = line[place]
        cross = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay))
        away = cross / long if long else math.hypot(x - ax, y - ay)
        if away > best:
            best, found = away, place
    return best, found


def _shape(rings: Sequence[Ring]) -> Shape:
    path = "".join(_path(ring) for ring in rings)
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    x, y = _middle(largest)
    return Shape(path, x, y)


def _path(ring: Ring) -> str:
    """Relative steps: half as long as places."""
    steps = [f"M{ring[0][0]} {ring[0][1]}"]
    for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
        steps.append(f"{'l' if len(steps) == 1 else ' '}{bx - ax} {by - ay}")
    return "".join(steps).replace(" -", "-") + "z"


def _area(ring: Ring) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs) / 2


def _middle(ring: Ring) -> tuple[float, float]:
    whole = _area(ring)
    if not whole:
        return float(ring[0][0]), float(ring[0][1])
    x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = ax * by - bx * ay
        x, y = x + (ax + bx) * cross, y + (ay + by) * cross
    return x / (6 * whole), y / (6 * whole)
