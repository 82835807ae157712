"""Which terms of a line held when: a new contract does not take the last month of the old one."""

from dataclasses import replace
from typing import Any

import pytest

from collector.evidence.moments import month
from collector.evidence.standing import held
from collector.evidence.terms import Terms, runs
from tests.collector.evidence.test_refund import BASE
from tests.each import for_each

OLD = replace(BASE, contract_no="K-1", begins="2026-01-01", ends="2026-12-31")
NEW = replace(OLD, contract_no="K-2", begins="2027-01-01", ends="2027-12-31")
BARE = replace(BASE, contract_no="")
EVER = ("", "")
Told = list[tuple[str, Terms | None]]
HELD: dict[str, tuple[Told, list[tuple[str, str, str]]]] = {
    "as it is": ([("2026-10-01", BASE)], [("K-1", *EVER)]),
    "a fee that was wrong": (
        [("2026-10-01", BASE), ("2026-10-20", replace(BASE, fee_rp="2"))], [("K-1", *EVER)],
    ),
    "the next year's contract, entered early": (
        [("2026-10-01", OLD), ("2026-12-28", NEW)],
        [("K-1", "2026-01-01", "2026-12-31"), ("K-2", "2027-01-01", "2027-12-31")],
    ),
    "entered late": (
        [("2026-10-01", OLD), ("2027-01-05", NEW)],
        [("K-1", "2026-01-01", "2026-12-31"), ("K-2", "2027-01-01", "2027-12-31")],
    ),
    "another number, and nobody says since when": (
        [("2026-10-01", BASE), ("2026-10-16", replace(BASE, contract_no="K-2"))],
        [("K-1", "", "2026-10-15"), ("K-2", "2026-10-16", "")],
    ),
    "the same number, renewed": (
        [("2026-10-01", OLD), ("2026-12-28", replace(NEW, contract_no="K-1", fee_rp="9"))],
        [("K-1", "2026-01-01", "2026-12-31"), ("K-1", "2027-01-01", "2027-12-31")],
    ),
    "only its end is put off": (
        [("2026-10-01", OLD), ("2026-12-28", replace(OLD, ends="2027-12-31"))],
        [("K-1", "2026-01-01", "2027-12-31")],
    ),
    "when it began was not told before": (
        [("2026-10-01", BASE), ("2026-10-20", replace(BASE, begins="2026-10-05"))],
        [("K-1", "2026-10-05", "")],
    ),
    "a number that was missing": (
        [("2026-10-01", BARE), ("2026-10-20", BASE)], [("K-1", *EVER)],
    ),
    "another provider without a number": (
        [("2026-10-01", BARE), ("2026-10-16", replace(BARE, isp="Biznet"))],
        [("", "", "2026-10-15"), ("", "2026-10-16", "")],
    ),
    "a provider spelled anew": (
        [("2026-10-01", BASE), ("2026-10-16", replace(BASE, isp="Telkom Indonesia"))],
        [("K-1", *EVER)],
    ),
    "the line was taken away, and came back": (
        [("2026-10-01", BASE), ("2026-10-16", None), ("2026-10-17", None), ("2026-10-20", BASE)],
        [("K-1", "", "2026-10-15"), ("K-1", "2026-10-20", "")],
    ),
}  # fmt: skip


@for_each(("seen", "told"), HELD.values(), ids=HELD)
def test_terms_hold_until_others_do(seen: Told, told: list[tuple[str, str, str]]) -> None:
    assert [(one.contract_no, one.begins, one.ends) for one in held(seen)] == told


RUNS: dict[str, tuple[dict[str, Any], bool]] = {
    "always": ({}, True),
    "begins on the last day": ({"begins": "2026-10-31"}, True),
    "begins later": ({"begins": "2026-11-01"}, False),
    "ends on the first day": ({"ends": "2026-10-01"}, True),
    "ended before": ({"ends": "2026-09-30"}, False),
}


@pytest.mark.parametrize(("change", "is_"), RUNS.values(), ids=RUNS)
def test_a_contract_runs_in_months_that_it_touches(change: dict[str, Any], is_: bool) -> None:
    assert runs(replace(BASE, **change), month("2026-10")) is is_
