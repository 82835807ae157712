"""Brings both catalogues to what pages say: `python -m tests.words [FILE]`.

New words come in empty, those no page says any more go, both files are compiled. FILE gives
translations as lines `English<TAB>Indonesian`; forms of a plural are parted by `|`. What is still
empty is printed; git's conflicts in the compiled files are gone after a run.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parents[1] / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def used() -> list[str | tuple[str, ...]]:
    """The strings of all pages, sorted; a pair where one is the plural."""
    found = extract_from_dir(WEB, METHODS, keywords=KEYWORDS)
    told = {each if isinstance(each, str) else tuple(each) for _, _, each, _, _ in found}
    return sorted(told, key=str)


def given(path: Path | None) -> dict[str, str]:
    """The lines of a file of translations."""
    lines = path.read_text().splitlines() if path else []
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def bring(language: str, said: dict[str, str]) -> list[str]:
    """Rewrite one language's files; what has no translation yet."""
    path = WEB / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        old = read_po(file, locale=language)
    new = Catalog(locale=language, header_comment="", fuzzy=False)
    new.mime_headers = old.mime_headers
    for text in used():
        one = text if isinstance(text, str) else text[0]
        held = old[text] if old.get(text) else None
        string = held.string if held else ""
        if not (any(string) if isinstance(string, tuple) else string):
            string = _own(language, text, said.get(one, ""))
        new.add(text, string)
    with path.open("wb") as file:
        write_po(file, new, width=0, omit_header=False, no_location=True, sort_output=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, new)
    return [str(each.id) for each in new if each.id and not _whole(each.string)]


def _own(language: str, text: str | tuple[str, ...], said: str) -> str | tuple[str, ...]:
    if language == "en":
        return text
    parts = tuple(said.split("|"))
    # Indonesian has one form for all numbers
    return said if isinstance(text, str) else parts[:1]


def _whole(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


if __name__ == "__main__":
    words = given(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    for language in ("id", "en"):
        for missing in bring(language, words):
            print(f"{language}\t{missing}")
