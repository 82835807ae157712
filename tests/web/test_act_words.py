"""Acts are read in words: what was done, about what, with which details."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Engine

from alerts.called import Thing, called, parse
from alerts.phrases import phrases
from alerts.words import LANGUAGES
from collector import acts
from collector.db import reading, writing
from tests import written
from tests.each import for_each
from tests.web.conftest import NOW, SITE, Visitor
from web import act_words, incident_words
from web.tongue import speaking


@cache
def acts_written() -> dict[str, str]:
    return written.words("acts", ("record",), 3, "verb")


@cache
def lines_written() -> dict[str, str]:
    found = written.words("chronicle", ("note", "once", "replace"), 3, "verb")
    return found | {"deadline": "climbing"}


@pytest.mark.slow
def test_the_verbs_that_the_code_writes_are_found() -> None:
    assert {"account_lock", "mute_end", "merge_incidents", "approve", "photo gone"} <= set(
        acts_written()
    )
    assert {"opened", "taken", "pause", "left over"} <= set(lines_written())


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_verb_of_an_act_has_words(language: str) -> None:
    with speaking(language):
        assert [name for name in acts_written() if act_words.verb(name) == name] == []


def test_no_words_are_kept_for_verbs_that_nobody_writes() -> None:
    assert set(act_words.VERBS) - set(acts_written()) == set()


def test_each_line_of_an_incident_has_words() -> None:
    assert [name for name in lines_written() if name not in incident_words.DONE] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_do_has_words_in_a_handover(language: str) -> None:
    by_people = {"taken", "handled", "note", "isp", "joined", "photo", "photo gone", "assign"}
    by_people |= {"pause", "resume", "snooze", "ticket", "cause", "mute", "mute_end", "window"}
    by_people |= {"window_end", "duty", "duty_end"}
    by_people |= {"merge_incidents", "split_incident", "settle_incident"}
    assert by_people <= set(acts_written()) | set(lines_written())
    assert by_people - set(phrases(language)["verbs"]) == set()


@for_each(
    ("text", "thing"),
    [
        ("*", Thing("all", "*", "*")),
        ("site:35.10.06.2005", Thing("site", "35.10.06.2005", "35.10.06.2005")),
        ("35.10.06.2005-b", Thing("site", "35.10.06.2005-b", "35.10.06.2005-b")),
        ("35.10", Thing("area", "35.10", "35.10")),
        ("contact:*/Dewi", Thing("contact", "*/Dewi", "Dewi", "*")),
        ("contact:35.10/A/B", Thing("contact", "35.10/A/B", "A/B", "35.10")),
        ("incident:7", Thing("incident", "7", "7")),
        ("window:3/1700000000", Thing("window", "3", "3")),
        ("check:35.10.06.2005/web", Thing("check", "35.10.06.2005/web", "web", "35.10.06.2005")),
        ("upstream:POP A: 1", Thing("upstream", "POP A: 1", "POP A: 1")),
        ("sites", Thing("", "sites", "sites")),
        ("", Thing("", "", "")),
    ],
)
def test_a_subject_is_taken_apart(text: str, thing: Thing) -> None:
    assert parse(text) == thing


def test_subjects_get_the_names_people_know(regency: Any, store: Engine) -> None:
    regency.site(SITE, "Sarimulyo")
    number = regency.incident("internet putus", SITE)
    texts = [
        f"incident:{number}",
        f"site:{SITE}",
        f"check:{SITE}/web",
        "incident:99999999999999999999",
    ]
    with reading(store) as connection:
        found = called(connection, texts)
    assert [found[text].said for text in texts] == [
        f"#{number} internet putus",
        "Sarimulyo",
        "web Sarimulyo",
        "#99999999999999999999",
    ]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ({}, []),
        ({"role": "admin", "rev": 4}, ["peran: pengelola"]),
        (
            {"codes": ["a", "b", "c", "d", "e"], "rows": [{"name": "x"}]},
            ["baris: a, b, c, dan 2 lainnya"],
        ),
        ({"note": "power: PLN"}, ["catatan: listrik padam: PLN"]),
        ({"note": 'ada "kutip" \\ dan é'}, ['catatan: ada "kutip" \\ dan é']),
        ({"off": False, "removed": True}, ["dihapus: ya"]),
        ({"threshold": 0.5, "for_s": 300.0}, ["ambang: 0.5", "harus bertahan: 5 mnt"]),
        ({"unknown": "x", "name": None, "areas": []}, []),
    ],
    ids=str,
)
def test_details_are_words(console_words: None, body: dict[str, Any], lines: list[str]) -> None:
    assert act_words.details(json.dumps(body, separators=(",", ":"), ensure_ascii=False)) == lines


@pytest.fixture
def console_words() -> Any:
    with speaking("id"):
        yield


def test_a_body_that_was_cut_off_says_so(console_words: None) -> None:
    whole = json.dumps({"note": "x" * 900, "name": "y"}, separators=(",", ":"))
    (told, rest) = act_words.details(whole[: act_words.SHOWN])
    assert told.startswith("catatan: xxx") and rest == "..."


def test_the_page_shows_no_names_of_the_code(
    signed_in: Callable[..., Visitor], store: Engine, regency: Any
) -> None:
    regency.site(SITE, "Sarimulyo")
    with writing(store) as connection:
        for verb in acts_written():
            acts.record(connection, NOW, "dewi", verb, f"site:{SITE}", {"ends": NOW + 60})
    admin = signed_in("admin")
    page = admin.page("/audit")
    body = page[page.index("<tbody>") :]
    assert [verb for verb in acts_written() if f">{verb}<" in body] == []
    assert "Sarimulyo" in body and "WIB" in body and "{" not in body
    # as it stands on every other page
    assert "incident:7" not in admin.page("/audit?subject=%237")
