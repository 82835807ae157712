"""Series from what a device told, by the items of its profile. Pure.

Of several items that speak of one series the first that has a number counts; when none has,
the series is unknown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.probes.snmp.message import Oid, Value, oid
from agent.probes.snmp.number import (
    foreign,
    in_unit,
    is_scaled,
    names_unit,
    number_in,
    said_in,
    text_in,
    within,
)
from agent.probes.snmp.profile import FIELD, Item, Need, is_scalar
from agent.report import series

Column = Mapping[Oid, Value]
Labels = tuple[tuple[str, str], ...]
_IF_NAME, _IF_DESCR = oid("1.3.6.1.2.1.31.1.1.1.1"), oid("1.3.6.1.2.1.2.2.1.2")
NAMES = (_IF_NAME, _IF_DESCR)
# a name of a series has 512 bytes, and one that is too long would cost all of its frame
_LONGEST_LABEL_BYTES = 120


@dataclass(frozen=True, slots=True)
class Told:
    """All that a device said: single values by instance, columns by root and index."""

    values: Mapping[Oid, Value] = field(default_factory=dict)
    columns: Mapping[Oid, Column] = field(default_factory=dict)

    def at(self, name: Oid, index: Oid) -> Value:
        """The single value, or that of the column at the index."""
        if name in self.values:
            return self.values[name]
        return self.columns.get(name, {}).get(index)


@dataclass(frozen=True, slots=True)
class Names:
    """How this device is called; `given` is "" where nobody gave it a name."""

    device: str
    given: str = ""
    interfaces: Mapping[Oid, str] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """Values by series, and which of them are counters of 32 bits."""

    values: dict[str, float | None] = field(default_factory=dict)
    narrow: set[str] = field(default_factory=set)
    labels: dict[str, Mapping[str, str]] = field(default_factory=dict)


def interface_names(told: Told) -> dict[Oid, str]:
    """Names by ifIndex: ifName, else ifDescr; of interfaces named alike the first keeps it,
    another goes by its description where that is its own."""
    names = {index: text_in(value) for index, value in told.columns.get(_IF_NAME, {}).items()}
    descr = {index: text_in(value) for index, value in told.columns.get(_IF_DESCR, {}).items()}
    found: dict[Oid, str] = {}
    taken: set[str] = set()
    for index in sorted({**names, **descr}):
        for name in (names.get(index, ""), descr.get(index, "")):
            if name and name not in taken:
                taken.add(name)
                found[index] = cut(name)
                break
    return found


def cut(text: str) -> str:
    """As much of a name as a label may hold."""
    return text.encode()[:_LONGEST_LABEL_BYTES].decode(errors="ignore")


def read(items: Iterable[Item], told: Told, names: Names) -> Found:
    """Every series the items make of what was told."""
    found = Found()
    for item in items:
        if not _applies(item, told):
            continue
        for labels, numbers in _rows(item, told, names).items():
            name = series(item.name, dict(labels))
            # what no row can say must not move a mean either
            if item.combine != "count":
                numbers = [within(item.name, number) for number in numbers]
            value = within(item.name, _combined(item.combine, numbers))
            if found.values.get(name) is None:
                found.values[name] = value
                found.labels[name] = dict(labels)
                if item.bits == 32 and value is not None:
                    found.narrow.add(name)
    return found


def _applies(item: Item, told: Told) -> bool:
    """Judged by all rows of the columns that `when` and `unless` name."""
    holds = [any(_fits(need, value) for value in _all(told, oid(need.oid))) for need in item.when]
    breaks = [
        any(_fits(need, value) for value in _all(told, oid(need.oid))) for need in item.unless
    ]
    return all(holds) and not any(breaks)


def _all(told: Told, name: Oid) -> list[Value]:
    return [told.values[name]] if name in told.values else list(told.columns.get(name, {}).values())


def _rows(item: Item, told: Told, names: Names) -> dict[Labels, list[float | None]]:
    """Numbers by labels; several where rows have the same ones."""
    found: dict[Labels, list[float | None]] = {}
    for index in _indices(item, told):
        if not all(_fits(need, told.at(oid(need.oid), index)) for need in item.only):
            continue
        labels = _labels(item, told, names, index)
        if labels is not None:
            found.setdefault(labels, []).append(_number(item, told, index))
    return found


def _indices(item: Item, told: Told) -> list[Oid]:
    """Where the item has something to say, without the suffix."""
    root = oid(item.oid)
    if is_scalar(root):
        return [()] if root in told.values else []
    suffix = _numbers(item.suffix)
    there = [at for at in told.columns.get(root, {}) if at[len(at) - len(suffix) :] == suffix]
    return sorted(at[: len(at) - len(suffix)] for at in there)


def _number(item: Item, told: Told, index: Oid) -> float | None:
    """The value of one row in our unit."""
    full = index + _numbers(item.suffix)
    if not all(_fits(need, _either(told, oid(need.oid), full, index)) for need in item.needs):
        return None
    raw = told.at(oid(item.oid), full)
    if item.map:
        return item.map.get(text_in(raw))
    if foreign(item.name, raw):
        return None
    alone = not item.plus and not item.total
    if alone and names_unit(item.name, raw):
        said = said_in(item.name, raw, item.unknown)
        return None if said is None else round(said, 9)
    value = number_in(raw, item.unknown, item.unit)
    if value is None or _beyond(item, value):
        return None
    value += sum(number_in(told.at(oid(part), index)) or 0 for part in item.plus)
    if item.total:
        return _share(item, value, [number_in(told.at(oid(part), index)) for part in item.total])
    scale = 1.0 if item.scale < 1 and not item.fine and is_scaled(item.name, raw) else item.scale
    scaled = in_unit(value * scale + item.offset, item.unit)
    return None if scaled is None else round(scaled, 9)


def _either(told: Told, name: Oid, full: Oid, index: Oid) -> Value:
    value = told.at(name, full)
    return told.at(name, index) if value is None else value


def _beyond(item: Item, value: float) -> bool:
    low = item.least is not None and value < item.least
    return low or (item.most is not None and value > item.most)


def _share(item: Item, value: float, parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    whole = sum(known)
    if len(known) < len(parts) or whole <= 0:
        return None
    ratio = value * item.scale / whole
    return 1 - ratio if item.invert else ratio


def _combined(how: str, numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    match how:
        case "count":
            return float(len(numbers))
        case "first":
            return numbers[0]
        case _ if not known:
            return None
        case "max":
            return max(known)
        case "mean":
            return sum(known) / len(known)
    # the sum of what is known would be too little
    return sum(known) if len(known) == len(numbers) else None


def _labels(item: Item, told: Told, names: Names, index: Oid) -> Labels | None:
    """Each label by the first template whose places can all be filled; None: no such row."""
    match = re.fullmatch(item.pattern, as_text(index)) if item.pattern else None
    if item.pattern and match is None:
        return None
    made = []
    for label, templates in item.labels.items():
        for template in templates:
            text = _filled(template, told, names, index, match)
            # an SSID may be hidden; whatever else has no name goes by the next template
            if text or (text is not None and (label == "ssid" or not template)):
                made.append((label, cut(text)))
                break
        else:
            return None
    return tuple((label, text) for label, text in made if text or label == "ssid")


def _filled(
    template: str, told: Told, names: Names, index: Oid, match: re.Match[str] | None
) -> str | None:
    """The template with its places filled, None when one stays empty."""
    text = template
    for place in FIELD.findall(template):
        source, _, part = place.partition("@")
        at = index[int(part) : int(part) + 1] if part else index
        filling = _place(source, told, names, at, match)
        if filling is None:
            return None
        text = text.replace(f"{{{place}}}", filling)
    return text


def _place(
    source: str, told: Told, names: Names, index: Oid, match: re.Match[str] | None
) -> str | None:
    match source:
        case "if":
            return names.interfaces.get(index)
        case "index":
            return ".".join(map(str, index))
        case "text":
            return as_text(index)
        case "match":
            return match[1] if match else None
        case "device":
            return names.device
        case "name":
            return names.given
    value = told.at(oid(source), index)
    return None if value is None else text_in(value)


def as_text(index: Oid) -> str:
    """An index that is text, with or without its length before it."""
    letters = index[1:] if index and index[0] == len(index) - 1 else index
    return "".join(chr(code) for code in letters if 32 <= code < 127)


def _fits(need: Need, value: Value) -> bool:
    """Absent values fit nothing that names what they must be, and everything that does not."""
    text = text_in(value)
    if need.below is not None:
        number = number_in(value)
        return number is not None and number < need.below
    if need.one_of:
        return value is not None and text in need.one_of
    return value is None or text not in need.none_of


def _numbers(text: str) -> Oid:
    return tuple(int(part) for part in text.split(".")) if text else ()
