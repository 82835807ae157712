"""Whatever is in a file, it is taken or refused with a place; nothing else ever comes out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.inventory.importing import parse
from collector.inventory.kinds import KINDS
from collector.inventory.sheet import MOST_PROBLEMS, BadFile
from tests import amounts

pytestmark = pytest.mark.slow

kinds = st.sampled_from(sorted(KINDS))
seen_before = st.sampled_from(
    ["35.10.06.2005", "isp:A", "*", "0812345678", "6.28E+11", "-8,3", "1.000", "31/12/2026", "",
     "'=x", '"', "24h", "Sen-Jum 07.30-15.30", "http://h/", "noc", "a|b", "NaN", "1e999", "٣"]
)  # fmt: skip
cell = seen_before | st.text(max_size=12)
mark = st.sampled_from([",", ";"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, bytes]:
    kind = draw(kinds)
    names = draw(st.permutations(list(KINDS[kind].columns)))
    columns = list(dict.fromkeys([*KINDS[kind].required, *names[: draw(st.integers(0, 6))]]))
    rows = draw(st.lists(st.lists(cell, max_size=len(columns) + 1), max_size=4))
    text = "\n".join(draw(mark).join(row) for row in [columns, *rows])
    return kind, text.encode("utf-8", "surrogatepass")


def is_taken_or_refused(kind: str, data: bytes) -> None:
    try:
        parsed = parse(kind, data, "f")
    except BadFile as refused:
        assert 1 <= len(refused.problems) <= MOST_PROBLEMS + 1
        assert all(problem.startswith("f: ") for problem in refused.problems)
    else:
        for _, values in parsed.rows:
            assert set(KINDS[kind].required) <= set(values)


@settings(max_examples=amounts.times(60), deadline=None)
@given(tables())
def test_any_table(table: tuple[str, bytes]) -> None:
    is_taken_or_refused(*table)


@settings(max_examples=amounts.times(60), deadline=None)
@given(kinds, st.binary(max_size=200))
@example("sites", b"code,name\n" + b'"' * 200_000)
@example("sites", b"code,name\n35.10.06.2005," + b"x" * 200_000)
@example("areas", b'{"type":"FeatureCollection","features":' + b"[" * 50_000)
@example("contacts", b"scope,name,role\n\x00,a,noc")
def test_any_bytes(kind: str, data: bytes) -> None:
    is_taken_or_refused(kind, data)
