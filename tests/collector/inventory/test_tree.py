"""What hangs on what, out of rows as people write them."""

from typing import Any

import pytest

from collector.inventory import tree
from collector.inventory.store import Site
from collector.inventory.tree import FEEDER, UPSTREAM

A, B, C = "35.10.06.2005", "35.10.06.2006", "35.10.11.2001"


def site(code: str, **more: Any) -> Site:
    told = {"isp": "", "upstream": "", "power_feeder": ""} | more
    whole = {"name": code, "district": "", "regency": "", "lat": None, "lon": None, "row": 0}
    rest = {"hours": "24h", "report_every_s": 60, "lifecycle": "active", "profile": "fiber"}
    return Site(code=code, **whole, **rest, **told)


def line(code: str, isp: str, upstream: str) -> dict[str, str]:
    return {"site": code, "isp": isp, "upstream": upstream}


@pytest.mark.parametrize(
    ("sites", "lines", "found"),
    [
        pytest.param([site(A)], [], [], id="nothing is said"),
        pytest.param(
            [site(A, isp="T|S", upstream="P|Q"), site(B, isp="T", upstream="P")],
            [],
            [(UPSTREAM, "S", "Q", [A]), (UPSTREAM, "T", "P", [A, B])],
            id="the first provider has the first upstream",
        ),
        pytest.param(
            [site(A, isp="T")], [], [(UPSTREAM, "T", "", [A])], id="a provider without an upstream"
        ),
        pytest.param(
            [site(A, isp="T")],
            [line(A, "T", "P"), line(A, "T", "P"), line(A, "S", "Q")],
            [(UPSTREAM, "S", "Q", [A]), (UPSTREAM, "T", "P", [A])],
            id="a line says which, and a site counts once",
        ),
        pytest.param(
            [site(A, isp="T")],
            [line(A, "", "P"), line(C, "T", "P")],
            [(UPSTREAM, "T", "P", [A])],
            id="a line without a provider is of the main one, lines of others are left out",
        ),
        pytest.param(
            [site(A, upstream="P", power_feeder="F"), site(B, power_feeder="F")],
            [],
            [(UPSTREAM, "", "P", [A]), (FEEDER, "", "F", [A, B])],
            id="feeders come last",
        ),
    ],
)
def test_sites_hang_on_what_their_rows_and_lines_name(
    sites: list[Site], lines: list[dict[str, str]], found: list[tuple[Any, ...]]
) -> None:
    told = tree.grown(sites, lines)
    assert [(b.kind, b.isp, b.name, [s.code for s in b.sites]) for b in told] == found


def test_one_name_written_in_two_ways_is_told() -> None:
    rows = [
        site(A, isp="T", upstream="POP Genteng", power_feeder="POP-Genteng"),
        site(B, isp="t", upstream="pop  genteng."),
        site(C, isp="T", upstream="POP Rogojampi"),
    ]
    alike = {b.name: list(b.alike) for b in tree.grown(rows, []) if b.kind == UPSTREAM}
    assert alike == {
        "POP Genteng": ["pop  genteng."],
        "pop  genteng.": ["POP Genteng"],
        "POP Rogojampi": [],
    }
