"""Every word a reader sees stands in both catalogues, and both are whole."""

import io
import re
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path
from typing import IO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.each import for_each

WEB = Path(__file__).parents[2] / "web"
LANGUAGES = ("id", "en")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
# the name of the software, and languages named in themselves for those who seek them
SAID_ANYWHERE = {"Ronda", "| Ronda", "English", "Bahasa Indonesia", "Mbps"}
# what is printed on the devices themselves
SAID_ANYWHERE |= {"POWER", "LOS", "MODEM", "ROUTER"}
SHOWN_ATTRIBUTES = {"aria-label", "placeholder", "title", "alt", "data-h"}


def used() -> set[object]:
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(WEB, METHODS, keywords=keywords)
    return {
        message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found
    }


def catalogue(language: str) -> Catalog:
    path = WEB / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_what_pages_use(language: str) -> None:
    held = {message.id for message in catalogue(language) if message.id}
    assert held == used()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    for message in catalogue(language):
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said) or not message.id, message.id
        assert not message.fuzzy or not message.id, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_places_for_values(language: str) -> None:
    places = re.compile(r"%\(\w+\)s|\{\w+\}")
    for message in catalogue(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (str(message.string),)
        if message.id:
            assert {p for t in said for p in places.findall(t)} == set(places.findall(str(ids[-1])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    path = WEB / "translations" / language / "LC_MESSAGES" / "messages.mo"
    compiled.seek(0)
    with path.open("rb") as file:
        assert words_of(file) == words_of(compiled)


def words_of(compiled: IO[bytes]) -> dict[str, str]:
    found: dict[str, str] = vars(GNUTranslations(compiled))["_catalog"]
    return {key: said for key, said in found.items() if key}


class Words(HTMLParser):
    """The words of a template that no catalogue gave."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for key, value in attrs if key in SHOWN_ATTRIBUTES]


@for_each("path", sorted((WEB / "templates").glob("*.html")), ids=lambda p: p.name)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    text = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(), flags=re.S)
    words = Words()
    words.feed(text)
    own = [found for found in words.found if re.search(r"[A-Za-z]{2}", found)]
    assert [found for found in own if found not in SAID_ANYWHERE] == []


def test_scripts_have_no_words_of_their_own() -> None:
    known = {"use strict"}
    for path in (WEB / "static").glob("*.js"):
        code = re.sub(r"^\s*//.*", "", path.read_text(), flags=re.M)
        texts = set(re.findall(r'"([^"\n]*)"', code))
        assert {text for text in texts if re.search(r"[a-z] [a-z]", text)} <= known
