"""Sites as hosts of an Ansible inventory, and back. Pure.

Columns are variables `ronda_COLUMN`, the devices of a site the list `ronda_devices`; areas,
providers and profiles are groups. It is JSON, which Ansible reads as the YAML that it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from agent.strict import Refused
from collector.inventory import places
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import BadFile, Line, Sheet
from collector.yaml_files.tree import Listing, Scalar, Table, Tree, parse

PREFIX = "ronda_"
DEVICES = "ronda_devices"
# the columns of these are taken
TAKES = ("sites", "devices")
_WORD = re.compile(r"[^a-z0-9]+")
# what its templates begin with: a village's name must run nothing on somebody's machine
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_SPACED = re.compile(r"\{ (?=[{%#])")
_MOST_DIGITS = 30
_THOUSANDS = re.compile(r"[0-9]{1,3}\.[0-9]{3}")
Row = Mapping[str, Any]


def inventory(sites: Sequence[Row], devices: Iterable[Row]) -> dict[str, Any]:
    """As a file: `all` with its hosts and groups."""
    groups: dict[str, Any] = {
        name: {"hosts": {code: {} for code in codes}} for name, codes in _groups(sites).items()
    }
    return {"all": {"hosts": _hosts(sites, devices), "children": groups}}


def listed(sites: Sequence[Row], devices: Iterable[Row]) -> dict[str, Any]:
    """As a program answers `--list`: with all variables, so that no host is asked for by itself."""
    groups = _groups(sites)
    return {
        "_meta": {"hostvars": _hosts(sites, devices)},
        "all": {"children": ["ungrouped", *groups]},
        **{name: {"hosts": codes} for name, codes in groups.items()},
    }


def read(name: str, data: bytes, file: str) -> Sheet:
    """Rows of sites or devices, from a file or from what `ansible-inventory --list` prints.

    BadFile where it is none; what is wrong with a row is told with its line.
    """
    if name not in TAKES:
        raise BadFile(file, [f"an Ansible inventory holds {' and '.join(TAKES)} only"])
    try:
        tree = parse(data).tree
    except Refused as refused:
        raise BadFile(file, [f"line {refused.place}: {refused.problem}"]) from None
    if not isinstance(tree, Table):
        raise BadFile(file, ["no inventory: expected a table of groups, as YAML or JSON"])
    problems: list[str] = []
    hosts = list(_merged(_found(tree, problems), problems))
    read_one = _sites if name == "sites" else _devices
    lines = [line for host in hosts for line in read_one(*host, problems)]
    columns = KINDS[name].required if lines else ()
    # a host with an empty list of devices tells of them: it has none
    none = name == "devices" and any(DEVICES in told for _, told in hosts)
    if not (lines or problems or none):
        raise BadFile(file, [f"no host of it tells of {name}"])
    return Sheet(tuple(columns or KINDS[name].required), lines, problems)


def _hosts(sites: Sequence[Row], devices: Iterable[Row]) -> dict[str, Any]:
    columns = KINDS["sites"].columns
    found: dict[str, dict[str, Any]] = {}
    for site in sites:
        told = {PREFIX + column: _plain(site[column]) for column in columns}
        found[site["code"]] = told | {DEVICES: []}
    for device in devices:
        if device["site"] in found:
            rest = {c: _plain(device[c]) for c in KINDS["devices"].columns if c != "site"}
            found[device["site"]][DEVICES].append(rest)
    return found


def _groups(sites: Sequence[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for site in sites:
        _, regency, district = places.parents(site["code"])
        names = [f"regency_{_word(regency)}", f"district_{_word(district)}"]
        names += [f"isp_{_word(isp)}" for isp in site["isp"].split("|") if _word(isp)]
        names += [f"profile_{_word(site['profile'])}", f"lifecycle_{_word(site['lifecycle'])}"]
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(site["code"])
    return dict(sorted(found.items()))


def _word(text: str) -> str:
    return _WORD.sub("_", text.lower()).strip("_")


def _plain(value: Any) -> Any:
    return _TEMPLATE.sub("{ ", value) if isinstance(value, str) else value


def _found(tree: Table, problems: list[str]) -> Iterator[tuple[Scalar, Table]]:
    """Every host with its variables, wherever in the groups it stands."""
    for key, group in tree.pairs:
        if key.text == "_meta":
            yield from _of_meta(group)
        elif isinstance(group, Table):
            yield from _of_group(group, problems)


def _of_meta(meta: Tree) -> Iterator[tuple[Scalar, Table]]:
    for key, hosts in meta.pairs if isinstance(meta, Table) else ():
        if key.text == "hostvars" and isinstance(hosts, Table):
            yield from ((name, told) for name, told in hosts.pairs if isinstance(told, Table))


def _of_group(group: Table, problems: list[str]) -> Iterator[tuple[Scalar, Table]]:
    for key, inner in group.pairs:
        if not isinstance(inner, Table):
            continue
        if key.text == "hosts":
            yield from (
                (n, t if isinstance(t, Table) else Table((), n.line)) for n, t in inner.pairs
            )
        elif key.text == "children":
            for _, child in inner.pairs:
                if isinstance(child, Table):
                    yield from _of_group(child, problems)
        elif key.text == "vars":
            # whoever inherits them is for Ansible to say
            problems += [
                f"line {name.line}: {name.text} of a group; give the output of"
                " ansible-inventory --list instead"
                for name, _ in inner.pairs
                if name.text.startswith(PREFIX)
            ]


def _merged(
    found: Iterable[tuple[Scalar, Table]], problems: list[str]
) -> Iterator[tuple[Scalar, dict[str, tuple[int, Tree]]]]:
    """A host may stand in many groups; its variables are all of them."""
    hosts: dict[str, tuple[Scalar, dict[str, tuple[int, Tree]]]] = {}
    for name, told in found:
        known = hosts.setdefault(name.text, (name, {}))[1]
        for key, value in told.pairs:
            if not key.text.startswith(PREFIX):
                continue
            if key.text in known:
                line = known[key.text][0]
                problems.append(f"line {key.line}: {key.text} of {name.text} is on line {line} too")
            known[key.text] = (key.line, value)
    return iter(hosts.values())


def _sites(
    host: Scalar, told: Mapping[str, tuple[int, Tree]], problems: list[str]
) -> Iterator[Line]:
    cells = {"code": host.text}
    rest = {key: value for key, value in told.items() if key != DEVICES}
    if not rest:
        # a host that is none of ours
        return
    for key, (line, value) in rest.items():
        column = key.removeprefix(PREFIX)
        if column not in KINDS["sites"].columns:
            problems.append(f"line {line}: unknown variable {key}")
        elif not isinstance(value, Scalar):
            problems.append(f"line {line}: {key} must be one value")
        else:
            cells[column] = _text(value)
    yield Line(host.line, cells)


def _devices(
    host: Scalar, told: Mapping[str, tuple[int, Tree]], problems: list[str]
) -> Iterator[Line]:
    line, listing = told.get(DEVICES, (host.line, Listing((), host.line)))
    if not isinstance(listing, Listing):
        problems.append(f"line {line}: {DEVICES} must be a list")
        return
    code = told.get(f"{PREFIX}code", (0, host))[1]
    for one in listing.items:
        cells = {"site": _text(code) if isinstance(code, Scalar) else host.text}
        for key, value in one.pairs if isinstance(one, Table) else ():
            if key.text not in KINDS["devices"].columns or not isinstance(value, Scalar):
                problems.append(f"line {key.line}: {key.text} is nothing that a device has")
            else:
                cells[key.text] = _text(value)
        yield Line(one.line, cells)


def _text(value: Scalar) -> str:
    """A value as a cell of our tables says it."""
    if value.null:
        return ""
    text = _SPACED.sub("{", value.text)
    if value.plain and any(mark in text for mark in ".eE"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if abs(number.adjusted()) > _MOST_DIGITS:
            # 1e999999999 is short, and spelled out it is a gigabyte
            return text
        text = format(number, "f")
        # to who reads rupiah 1.125 is a thousand and more
        text += "0" if _THOUSANDS.fullmatch(text) else ""
    return " ".join(text.split())
