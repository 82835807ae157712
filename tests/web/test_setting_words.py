"""No setting of a check is shown by the name it has in files."""

import re
from collections.abc import Callable

import pytest

from collector.inventory.check_settings import SETTINGS
from tests.each import for_each
from tests.web.conftest import Visitor
from web import labels, setting_words
from web.tongue import LANGUAGES, speaking

# the same word in Indonesian
SHARED = ("ping", "domain")


@pytest.mark.parametrize("language", LANGUAGES)
@for_each("kind", SETTINGS)
def test_each_setting_of_each_kind_has_a_name_and_a_meaning(kind: str, language: str) -> None:
    for name in SETTINGS[kind]:
        with speaking(language):
            title, hint = setting_words.title(kind, name), setting_words.hint(kind, name)
        assert title and title != name and "_" not in title
        assert len(hint) > 5 and hint.endswith((".", "/")), name


@for_each("kind", SETTINGS)
def test_a_length_of_time_names_its_unit(kind: str) -> None:
    with speaking("en"):
        for name in SETTINGS[kind]:
            unit = {"_s": "Seconds", "_h": "Hours"}.get(name[-2:], "")
            assert setting_words.hint(kind, name).startswith(unit), name


@for_each("kind", SETTINGS)
def test_each_kind_has_a_name_and_says_what_it_aims_at(kind: str) -> None:
    with speaking("id"):
        assert labels.kind(kind) != kind or kind in SHARED
        assert setting_words.target(kind)


@for_each("kind", SETTINGS)
def test_what_may_be_chosen_is_taken(kind: str) -> None:
    for name, read in SETTINGS[kind].items():
        for word in setting_words.choices(kind, name):
            read(word)


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("http", "follow_redirects", ["true", "false"]),
        ("imap", "tls", ["tls", "starttls", "none"]),
        ("dns", "type", ["A", "AAAA"]),
        ("http", "must_match", []),
        ("http", "timeout_s", []),
    ],
)
def test_few_words_are_chosen_and_others_written(kind: str, name: str, words: list[str]) -> None:
    assert list(setting_words.choices(kind, name)) == words


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_form_shows_no_names_of_files(signed_in: Callable[..., Visitor], kind: str) -> None:
    page = signed_in("admin").page(f"/checks/edit?kind={kind}")
    titles = re.findall(r"<label[^>]*>([^<]*)</label>", page)
    assert len(titles) >= len(SETTINGS[kind]) + 5
    assert not set(titles) & set(SETTINGS[kind])
