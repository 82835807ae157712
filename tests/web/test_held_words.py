"""What is held of a person is said in words, and nothing of it is forgotten."""

from typing import Any

import pytest
from flask import Flask

from collector import holdings
from collector.persons import Person
from tests.web.conftest import NOW
from web import held_words
from web.tongue import speaking

NOBODY = Person()


def columns() -> set[str]:
    tables = [table for table, _ in holdings.places(NOBODY)]
    every = [*tables, holdings.schema.acts]
    return {c.name for table in every for c in table.columns if holdings._is_shown(c)}


def test_each_column_has_words_or_is_for_programs() -> None:
    named = {*held_words.TITLES, *held_words.APART}
    assert columns() - named == set()
    assert not set(held_words.TITLES) & held_words.APART
    assert named - columns() == set()


@pytest.mark.parametrize(
    ("section", "row", "said"),
    [
        ("users", {"role": "noc", "areas": '["35.10"]', "rev": 3, "failed": 0},
         [("peran", "ruang kendali (NOC)"), ("wilayah", "35.10")]),
        ("users", {"local": False, "email": ""}, [("juga dengan sandi", "tidak")]),
        ("acts", {"verb": "account_lock", "subject": "account:dewi", "body": "{}"},
         [("apa", "Akun dikunci"), ("tentang", "akun dewi")]),
        ("notices", {"body": '{"text": "internet putus"}', "attempts": 1},
         [("isi", "internet putus")]),
        ("notices", {"sent_at": NOW - 60}, [("terkirim", "16.11")]),
    ],
)  # fmt: skip
def test_a_row_is_said_in_words(
    app: Flask, section: str, row: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    with app.test_request_context(), speaking("id"):
        assert held_words.said(section, row) == said
