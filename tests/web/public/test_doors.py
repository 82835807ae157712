"""When the public pages are there, and what every answer of theirs is like."""

from dataclasses import replace
from typing import Any

import pytest

from collector.settings import Settings
from web.context import of
from web.public import PREFIX


def test_nothing_is_public_until_somebody_says_so(
    app: Any, anybody: Any, settings: Settings
) -> None:
    app.extensions["ronda"] = replace(of(app), settings=replace(settings, public=False))
    for path in (f"{PREFIX}/", f"{PREFIX}/35.10", f"{PREFIX}/nowhere"):
        answer = anybody.get(path)
        assert answer.status_code == 404, path
        assert "login" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/35.10/nowhere/x"])
def test_no_answer_knows_its_reader(anybody: Any, path: str) -> None:
    answer = anybody.get(PREFIX + path)
    assert "Set-Cookie" not in answer.headers
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.get_data(as_text=True)


def test_a_page_says_how_long_it_may_be_kept_and_a_refusal_is_not(anybody: Any) -> None:
    assert anybody.get(f"{PREFIX}/").headers["Cache-Control"] == "public, max-age=30"
    assert anybody.get(f"{PREFIX}/nowhere").headers["Cache-Control"] == "no-store"


def test_indonesian_comes_first_and_english_by_choice(anybody: Any) -> None:
    page = anybody.page(f"{PREFIX}/")
    assert '<html lang="id">' in page
    assert 'href="/status/?lang=en" lang="en"' in page
    assert '<html lang="en">' in anybody.page(f"{PREFIX}/?lang=en")


def test_the_stylesheet_is_public_and_kept_for_ever(anybody: Any) -> None:
    page = anybody.page(f"{PREFIX}/")
    href = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert href.startswith(f"{PREFIX}/file/")
    answer = anybody.get(href)
    assert "immutable" in answer.headers["Cache-Control"]
    assert anybody.get(href.replace("/file/", "/file/x")).status_code == 404
