"""What the map shows: areas with their shares, and the sites that stand out in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from web.directory import Directory
from web.labels import STATES
from web.names import DISTRICT, PROVINCE, Mask
from web.outline import EDGE, Frame, Outline, Shape

# as many areas are shown apart; above that they are put together one level up
MOST_AREAS = 80
# marks on the map, the worst first; the rest is in the shares
MOST_MARKS, MOST_QUIET = 150, 1200
_DOWN, _SLOW, UNKNOWN = (STATES.index(name) for name in ("down", "slow", "unknown"))
_NORMAL, PLANNED = STATES.index("normal"), STATES.index("maintenance")
_DOWN_STEPS, _SILENT_STEPS = (0.1, 0.25, 0.5), (0.2, 0.5)
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Area:
    """One area; `down_step` 0 to 4, `silent_step` 0 to 3 shade it; `coming` sites are planned."""

    code: str
    name: str
    total: int
    down: int
    slow: int
    silent: int
    planned: int
    shape: Shape | None = None
    coming: int = 0

    @property
    def troubled(self) -> int:
        return self.down + self.slow + self.silent

    @property
    def down_step(self) -> int:
        return _step(self.down, self.total, _DOWN_STEPS)

    @property
    def silent_step(self) -> int:
        return _step(self.silent, self.total, _SILENT_STEPS)


@dataclass(frozen=True, slots=True)
class Mark:
    """A site that stands out."""

    code: str
    name: str
    state: str
    area: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Board:
    """All that the map and the list beside it need; without `frame` the areas stand as tiles."""

    areas: Sequence[Area]
    frame: Frame | None
    marks: Sequence[Mark]
    quiet: str
    unmarked: int
    placeless: int
    names: Sequence[tuple[Area, float, float]]
    groups: int
    # sites that are planned, as one path of dots
    coming: str = ""

    @property
    def drawn(self) -> list[Area]:
        return [area for area in self.areas if area.shape is not None]

    @property
    def tiles(self) -> list[Area]:
        return [area for area in self.areas if area.shape is None]

    @property
    def worst(self) -> list[Area]:
        """Areas in trouble, the largest share first."""
        hit = [area for area in self.areas if area.troubled]
        return sorted(hit, key=lambda area: (-area.troubled / area.total, -area.down, area.name))


def level_of(directory: Directory, mask: Mask) -> int:
    """The narrowest level at which the areas of these sites can be told apart on one page."""
    for groups in range(DISTRICT, PROVINCE, -1):
        if len(directory.among(groups, mask)) <= MOST_AREAS:
            return groups
    return PROVINCE


def areas_of(
    directory: Directory, mask: Mask, groups: int, coming: Mask | None = None
) -> list[Area]:
    """The areas of these sites, and of those that are planned, at one level, by code."""
    names, called = directory.names.areas[groups], directory.names.called
    level = directory.level[groups]
    cells = level[mask].astype(np.int64) * len(STATES) + directory.state[mask]
    table = np.bincount(cells, minlength=len(names) * len(STATES)).reshape(len(names), len(STATES))
    planned = np.zeros(len(names), np.int64)
    if coming is not None:
        planned = np.bincount(level[coming], minlength=len(names))
    found = [
        Area(
            names[place],
            called.get(names[place], names[place]),
            int(row.sum()),
            int(row[_DOWN]),
            int(row[_SLOW]),
            int(row[UNKNOWN]),
            int(row[PLANNED]),
            coming=int(planned[place]),
        )
        for place, row in enumerate(table)
        if row.any() or planned[place]
    ]
    return sorted(found, key=lambda area: area.code)


def board(
    directory: Directory,
    mask: Mask,
    drawing: Outline | None,
    areas: Sequence[Area],
    coming: Mask | None = None,
) -> Board:
    """Areas and sites as they stand on the page."""
    shapes: Mapping[str, Shape] = drawing.shapes if drawing else {}
    shaped = [replace(area, shape=shapes.get(area.code)) for area in areas]
    known = ~np.isnan(directory.names.lat) & ~np.isnan(directory.names.lon)
    placed = mask & known
    box = drawing.frame if drawing else None
    groups = areas[0].code.count(".") + 1 if areas else DISTRICT
    if box is None:
        return Board(shaped, None, (), "", 0, 0, (), groups)
    marks, unmarked = _marks(directory, placed, box, groups)
    missing = int(mask.sum() - placed.sum())
    names = _names(shaped, box)
    quiet = _dots(directory, placed & (directory.state >= PLANNED), box)
    later = "" if coming is None else _dots(directory, coming & known, box)
    return Board(shaped, box, marks, quiet, unmarked, missing, names, groups, later)


def _step(part: int, whole: int, steps: Sequence[float]) -> int:
    """0 for none, then one step more above each bound."""
    return 1 + sum(part / whole > bound for bound in steps) if part else 0


def _marks(directory: Directory, placed: Mask, box: Frame, groups: int) -> tuple[list[Mark], int]:
    """Sites in trouble, the loud ones last so that they lie on top; and how many were left out."""
    loud = np.flatnonzero(placed & (directory.state < PLANNED))
    chosen = loud[np.argsort(directory.state[loud], kind="stable")][:MOST_MARKS][::-1]
    names, found = directory.names, []
    for place in chosen.tolist():
        x, y = box.at(float(names.lat[place]), float(names.lon[place]))
        if not _inside(box, x, y):
            continue
        area = names.areas[groups][int(names.level[groups][place])]
        state = STATES[int(directory.state[place])]
        found.append(Mark(names.codes[place], names.sites[place].name, state, area, x, y))
    return found, len(loud) - len(chosen)


def _dots(directory: Directory, chosen: Mask, box: Frame) -> str:
    """These sites as one path of dots; nothing where they would be a carpet."""
    quiet = np.flatnonzero(chosen)
    if len(quiet) > MOST_QUIET:
        return ""
    x = EDGE + (directory.names.lon[quiet] - box.west) * box.squeeze * box.scale
    y = EDGE + (box.north - directory.names.lat[quiet]) * box.scale
    inside = (x > 0) & (y > 0) & (x < box.width) & (y < box.height)
    points: NDArray[np.int64] = np.rint(np.stack([x[inside], y[inside]], 1)).astype(np.int64)
    return "".join(f"M{x} {y}h0" for x, y in np.unique(points, axis=0).tolist())


def _inside(box: Frame, x: float, y: float) -> bool:
    return 0 <= x <= box.width and 0 <= y <= box.height


def _names(areas: Sequence[Area], box: Frame) -> list[tuple[Area, float, float]]:
    """Names of the areas in trouble where they do not cover each other, the worst first."""
    taken: list[tuple[float, float, float, float]] = []
    found: list[tuple[Area, float, float]] = []
    loud = [area for area in areas if area.shape and area.down + area.silent]
    for area in sorted(loud, key=lambda area: (-(area.down + area.silent) / area.total, area.code)):
        shape = area.shape
        if shape is None or len(found) == _MOST_NAMES:
            break
        half = 4.6 * (len(area.name) + 5)
        x = min(max(shape.x, half), box.width - half)
        left, right, top, bottom = x - half, x + half, shape.y - 14, shape.y + 6
        if any(left < r and right > a and top < d and bottom > b for a, r, b, d in taken):
            continue
        taken.append((left, right, top, bottom))
        found.append((area, x, shape.y))
    return found
