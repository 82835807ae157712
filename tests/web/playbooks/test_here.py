"""Remote actions on the pages of a site and of an incident."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.web.cases import Cases
from tests.web.conftest import SITE, Visitor
from tests.web.playbooks.conftest import Field
from tests.web.test_pages import text_of

pytestmark = pytest.mark.slow


@pytest.fixture
def cases(field: Field, store: Engine) -> Cases:
    return Cases(store)


def test_a_site_offers_what_its_devices_are_fit_for(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    field.run(SITE)
    page = signed_in("technician").page(f"/sites/{SITE}")
    assert f'href="/playbooks/uji-dns?site={SITE}"' in page
    assert "#1 Ganti DNS" in text_of(page)


def test_a_village_is_offered_what_it_may_press(
    field: Field, signed_in: Callable[..., Visitor]
) -> None:
    page = signed_in("village", [SITE]).page(f"/sites/{SITE}")
    assert "/playbooks/uji-lihat?" in page and "/playbooks/uji-dns?" not in page


def test_a_site_without_devices_and_runs_says_nothing_of_them(
    field: Field, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    regency.site("35.10.06.2006", "Tanpa Router", "normal")
    assert "Tindakan jarak jauh" not in signed_in("noc").page("/sites/35.10.06.2006")


def told(name: str) -> dict[str, object]:
    return {"details": {"kind": "dns", "reason": "", "told": {"playbook": name}}}


def test_an_incident_suggests_what_its_rule_names(
    cases: Cases, signed_in: Callable[..., Visitor]
) -> None:
    number = cases.open(SITE, "Benculuk", **told("uji-dns"))
    page = signed_in("noc").page(f"/incidents/{number}")
    assert f"/playbooks/uji-dns?site={SITE}&amp;incident={number}" in page
    assert "disarankan untuk gangguan ini" in page


@pytest.mark.parametrize("name", ["uji-tidak", ""])
def test_what_is_no_playbook_is_not_suggested(
    name: str, cases: Cases, signed_in: Callable[..., Visitor]
) -> None:
    number = cases.open(SITE, "Benculuk", **told(name))
    assert "disarankan" not in signed_in("noc").page(f"/incidents/{number}")


def test_an_incident_shows_what_was_run_to_mend_it(
    cases: Cases, field: Field, signed_in: Callable[..., Visitor]
) -> None:
    number = cases.open(SITE, "Benculuk", **told("uji-dns"))
    field.run(SITE, incident=number)
    field.run(SITE)
    text = text_of(signed_in("noc").page(f"/incidents/{number}"))
    assert "#1 Ganti DNS" in text and "#2 Ganti DNS" not in text


def test_nothing_is_suggested_once_it_is_over(
    cases: Cases, signed_in: Callable[..., Visitor]
) -> None:
    number = cases.open(SITE, "Benculuk", **told("uji-dns"))
    cases.change(number, state="resolved", resolved_at=1.0)
    assert "disarankan" not in signed_in("noc").page(f"/incidents/{number}")
