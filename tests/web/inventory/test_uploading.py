"""Tables come by one path, few at a time."""

import pytest

from web.inventory import uploading


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("POST", "/inventory/imports", True),
        ("GET", "/inventory/imports", False),
        ("POST", "/inventory/imports/", False),
        ("POST", "/inventory/imports/1", False),
        ("POST", "/inventory/sites", False),
    ],
)
def test_what_may_bring_tables(method: str, path: str, may: bool) -> None:
    assert uploading.brings_tables(method, path) is may


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("/inventory/imports/1", True),
        ("/inventory/imports/12/undo", True),
        ("/inventory/imports", False),
        ("/inventory/imports/x", False),
        ("/inventory/imports/1/more", False),
    ],
)
def test_for_which_pages_tables_are_read(path: str, reads: bool) -> None:
    assert uploading.reads_tables(path) is reads


def test_a_refusal_that_no_page_has_seen_is_said_in_words() -> None:
    assert "4 MB" in uploading.refusal(413)
    assert uploading.refusal(418) == ""
