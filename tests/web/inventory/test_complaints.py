"""Whatever the reader of files refuses is said in the language of the page."""

import re

from tests.collector.inventory.test_refusals import REFUSALS
from tests.each import for_each
from web.inventory.complaints import read
from web.tongue import speaking

ENGLISH = re.compile(r"\b(expected|must|got|the|is|a|at|of|with|column|known|or)\b")
# what people wrote themselves, and what the csv module says
NAMES = re.compile(r"'[^']*'|unexpected end of data")
PROBLEMS = sorted({problem for problems in REFUSALS.values() for problem in problems})


@for_each("problem", PROBLEMS)
def test_a_refusal_is_read_in_indonesian(problem: str) -> None:
    with speaking("id"):
        told = read(problem)
    assert told.text and not problem.endswith(told.text), told.text
    assert not ENGLISH.search(NAMES.sub("", told.text)), told.text


def test_a_refusal_says_line_and_column() -> None:
    with speaking("id"):
        told = read(
            "line 12, column lat: must be -90 to 90, got '-836466'; is the decimal point lost?"
        )
        shape = read("feature 3, property code: is missing or no text")
        whole = read("saved as Unicode text; save it as CSV UTF-8")
        outside = read("line 4: 35.11 lies outside your areas")
    assert (told.place, told.column) == ("baris 12", "lat")
    assert told.text == "harus -90 sampai 90, bukan '-836466'; apakah koma desimalnya hilang?"
    assert (shape.place, shape.column, shape.text) == (
        "bentuk 3",
        "code",
        "tidak ada atau bukan teks",
    )
    assert (whole.place, whole.column) == ("", "")
    assert (outside.place, outside.text) == ("baris 4", "35.11 di luar wilayah Anda")
