"""What doctor finds is read in the language of the page: each name, each sentence."""

import ast
import re
from pathlib import Path

import pytest

from collector import reasons
from web.centre_page import FINDINGS

COLLECTOR = Path(__file__).parents[2] / "collector"
# whoever has findings for doctor
SOURCES = [
    path for path in COLLECTOR.rglob("*.py") if "collector.finding import" in path.read_text()
]


def names() -> set[str]:
    """The first argument of each finding that is a text."""
    calls = [
        node.args[0]
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding" and node.args
    ]
    found = {each.value for each in calls if isinstance(each, ast.Constant)}
    return {str(each) for each in found}


def test_each_thing_that_is_looked_at_has_words() -> None:
    assert {"fold", "disk", "agents"} <= names()
    assert (names() | {"ronda", "history", "backup copy", "restore test"}) - set(FINDINGS) == set()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("72.7 GiB of 252.0 GiB free", "72,7 GiB dari 252,0 GiB masih kosong"),
        ("60 enrolled", "60 terdaftar"),
        (
            "60 enrolled, 2 without a report: 35.10.06.2005, 35.10.06.2006",
            "60 terdaftar, 2 belum pernah lapor: 35.10.06.2005, 35.10.06.2006",
        ),
        (
            "position 7, 0 bytes behind, lag 0.0 s, silent",
            "posisi 7, tertinggal 0 bita dan 0,0 dtk, diam",
        ),
        ("position 7, 0 bytes behind, lag 0.0 s", "posisi 7, tertinggal 0 bita dan 0,0 dtk"),
        ("position 7, 0 messages behind, lag 0.0 s", "posisi 7, tertinggal 0 pesan dan 0,0 dtk"),
        (
            "not known to be durable: n3 was not seen",
            "tidak diketahui apakah tahan: n3 was not seen",
        ),
        (
            "sync_interval: always, in the jetstream block of each server (2.10 or newer);"
            " RONDA_JOURNAL_MONITOR names all of them",
            "sync_interval: always, di blok jetstream tiap server (2.10 atau lebih baru);"
            " RONDA_JOURNAL_MONITOR menyebut semuanya",
        ),
        ("/x/ronda.db at revision 0015", "/x/ronda.db pada revisi 0015"),
        ("42 in order, a round takes 1058 ms", "42 benar, satu putaran 1058 milidetik"),
        (
            "act 4 is not as it was written; 7 acts, 1 without a name, head 0a1b",
            "tindakan 4 tidak seperti saat ditulis; 7 tindakan, 1 tanpa nama, ujung 0a1b",
        ),
        (
            "kept from their agents: router of 35.10.06.2005 (the password mine is not given to"
            " the target 10.9.9.9)",
            "ditahan dari agennya: router di 35.10.06.2005 (sandi mine tidak diberikan ke"
            " tujuan 10.9.9.9)",
        ),
        ("7 acts, 1 without a name, head 0a1b", "7 tindakan, 1 tanpa nama, ujung 0a1b"),
        (
            "http://a: 7 samples sent since 2026-11-29T22:00:00Z, 0.5 MiB of 256 MiB wait, 2"
            " refused (out of order), 3 dropped, the last 2026-11-29T21:00:00Z; 301 s behind",
            "http://a: 7 sampel terkirim sejak 2026-11-29T22:00:00Z, 0,5 MiB dari 256 MiB menunggu,"
            " 2 ditolak (out of order), 3 dibuang, terakhir 2026-11-29T21:00:00Z; tertinggal"
            " 301 dtk",
        ),
        ("column kind: whatever", "column kind: whatever"),
    ],
)
def test_findings_in_indonesian(given: str, said: str) -> None:
    assert reasons.find(given, "id") == said
    assert reasons.find(given, "en") == given


def test_what_is_told_of_a_finding_is_no_english() -> None:
    """Every text that stands whole in the code, as a finding or as what to do."""
    english = re.compile(r"\b(the|of|is|are|yet|not|it|start|see)\b")
    left = [text for text in _texts() if english.search(reasons.find(text, "id"))]
    assert left == []


def _texts() -> set[str]:
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                told = [each for each in node.args[1:] if isinstance(each, ast.Constant)]
                found |= {str(each.value) for each in told}
    return found
