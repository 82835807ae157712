"""What doctor finds is read in the language of the page: each name, each sentence."""

import ast
import re
from pathlib import Path

from collector import reasons
from tests.each import for_each
from web.centre_page import FINDINGS

COLLECTOR = Path(__file__).parents[2] / "collector"
# whoever has findings for doctor
SOURCES = [
    path for path in COLLECTOR.rglob("*.py") if "collector.finding import" in path.read_text()
]


def names() -> set[str]:
    """The first argument of each finding that is a text, or the module's name for one."""
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        texts = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding" and node.args:
                first = ast.unparse(node.args[0])
                found |= {texts.get(first, first)} if first in texts or first[0] in "'\"" else set()
    return {str(ast.literal_eval(each)) for each in found}


def _constants(tree: ast.Module) -> dict[str, str]:
    """Texts that a module names, also several at once."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = value.elts if isinstance(value, ast.Tuple) else [value]
            pairs = zip(names, values, strict=False)
            found |= {ast.unparse(name): ast.unparse(one) for name, one in pairs}
    return {name: text for name, text in found.items() if text.startswith("'")}


def test_each_thing_that_is_looked_at_has_words() -> None:
    assert {"fold", "disk", "agents", "alertmanager", "evidence"} <= names()
    assert (names() | {"ronda", "history", "backup copy", "restore test"}) - set(FINDINGS) == set()


@for_each(
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
            "am:9093: 3 open incidents, 26 s ago: taken",
            "am:9093: 3 gangguan terbuka, 26 dtk lalu: diterima",
        ),
        (
            "am:9093: 3 open incidents, 26 s ago: 10.0.0.9: Connection refused",
            "am:9093: 3 gangguan terbuka, 26 dtk lalu: 10.0.0.9: sambungan ditolak",
        ),
        (
            "2 in the last message with any were not taken: A: it has no label site, and the"
            " token is not for everywhere, B: it has no label alertname",
            "2 di pesan terakhir yang memuatnya tidak diterima: A: tidak punya label site, dan"
            " token hanya untuk wilayah tertentu, B: tidak punya label alertname",
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
