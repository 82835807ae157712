"""Checks in the console: who may edit what, what an edit changes, and what is wrong by field."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert

from collector import acts, agents, inventory, schema
from collector.config import agent_config, etag
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import NOW, OTHER, SITE, Regency, Visitor

EDIT = "/checks/edit"
CELLS = {
    "name": "portal",
    "scope": "desa",
    "site": "35.10.06",
    "kind": "http",
    "target": "http://a/",
}


@pytest.fixture(autouse=True)
def villages(regency: Regency, store: Engine) -> None:
    regency.site(SITE, "Sarimulyo", "normal")
    regency.site(OTHER, "Genteng", "normal")
    with writing(store) as connection:
        for code in ("35.10", "35.10.06", "35.10.11"):
            connection.execute(insert(schema.areas).values(code=code, name=code, level="district"))


def mark_on(page: str) -> str:
    found = re.search(r'name="mark" value="(\w*)"', page)
    assert found is not None
    return found[1]


def rows(store: Engine) -> list[tuple[str, str, str]]:
    with reading(store) as connection:
        return [(one.name, one.site, one.target) for one in inventory.services(connection)]


@pytest.mark.slow
def test_an_edit_is_shown_first_then_saved_and_kept_with_its_author(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc = signed_in("noc")
    shown = noc.post(EDIT, EDIT, do="preview", **CELLS).get_data(as_text=True)
    assert f"{SITE} Sarimulyo: ditambah" in shown and OTHER not in shown
    assert rows(store) == []
    assert noc.post(EDIT, EDIT, do="save", **CELLS).status_code == 303
    assert rows(store) == [("portal", "35.10.06", "http://a/")]
    with reading(store) as connection:
        told = [(act.by, act.verb, act.subject) for act in acts.waiting(connection)]
    assert told == [("noc.a", "inventory", "services")]
    assert "portal" in noc.page("/checks")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"target": "ftp://a"}, "target"),
        ({"name": ""}, "name"),
        ({"name": "dns"}, "name"),
        ({"site": "35.99"}, "site"),
        ({"site": "everywhere"}, "site"),
        ({"timeout_s": "soon"}, "timeout_s"),
        ({"public": "http://b/"}, "public"),
        ({"vantage": SITE}, "vantage"),
        ({"kind": "nonsense"}, "kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_stands_beside_its_field(
    signed_in: Callable[..., Visitor], store: Engine, wrong: dict[str, str], field: str
) -> None:
    answer = signed_in("admin").post(EDIT, EDIT, do="save", **{**CELLS, **wrong})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    found = re.search(f'id="e-{field}">([^<]*)<', page)
    # in the language of the page
    assert found is not None and not re.search(r"\b(expected|must|got|is|the)\b", found[1]), page
    assert rows(store) == []


def test_nobody_sets_agents_outside_of_his_areas_to_work(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    seen = {**CELLS, "site": SITE, "target": "http://a/", "public": "http://b/"}
    theirs = {**seen, "vantage": OTHER}
    refused = signed_in("noc", [SITE]).post(EDIT, EDIT, do="save", **theirs)
    assert refused.status_code == 422
    assert "e-vantage" in refused.get_data(as_text=True)
    assert rows(store) == []
    assert signed_in("admin").post(EDIT, EDIT, do="save", **theirs).status_code == 303


def test_who_comes_second_does_not_overwrite_the_first(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc = signed_in("noc")
    noc.post(EDIT, EDIT, do="save", **CELLS)
    form = f"{EDIT}?name=portal&site=35.10.06"
    held = {"old_name": "portal", "old_site": "35.10.06", "mark": mark_on(noc.page(form))}
    first = noc.post(EDIT, EDIT, do="save", **held, **{**CELLS, "target": "http://first/"})
    assert first.status_code == 303
    second = noc.post(EDIT, EDIT, do="save", **held, **{**CELLS, "target": "http://second/"})
    assert second.status_code == 409
    assert rows(store) == [("portal", "35.10.06", "http://first/")]
    assert noc.post(EDIT, EDIT, do="remove", sure="1", **held, **CELLS).status_code == 409
    held["mark"] = mark_on(noc.page(form))
    removed = noc.post(EDIT, EDIT, do="remove", **held, **CELLS).get_data(as_text=True)
    assert f"{SITE} Sarimulyo: dihapus" in removed and rows(store)
    assert noc.post(EDIT, EDIT, do="remove", sure="1", **held, **CELLS).status_code == 303
    assert rows(store) == []


@pytest.mark.parametrize("role", ["viewer", "village", "technician"])
def test_only_the_noc_and_administrators_edit(signed_in: Callable[..., Visitor], role: str) -> None:
    somebody = signed_in(role)
    assert somebody.get("/checks").status_code == 403
    assert somebody.post(EDIT, f"/sites/{SITE}", do="save", **CELLS).status_code == 403
    assert "portal" not in somebody.page(f"/sites/{SITE}/configuration")


@pytest.mark.parametrize(
    ("place", "status"),
    [("35.10.06", 303), (SITE, 303), ("35.10", 403), ("", 403), ("isp:Telkom", 403), (OTHER, 403)],
)
def test_who_has_areas_edits_what_lies_in_them(
    signed_in: Callable[..., Visitor], place: str, status: int
) -> None:
    noc = signed_in("noc", ["35.10.06"])
    assert noc.post(EDIT, EDIT, do="save", **{**CELLS, "site": place}).status_code == status


def test_a_row_of_another_area_is_not_moved_into_ones_own(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    with writing(store) as connection:
        row = {"name": "portal", "site": OTHER, "target": "http://theirs/"}
        connection.execute(insert(schema.services).values(**row))
    noc = signed_in("noc", ["35.10.06"])
    held = {"old_name": "portal", "old_site": OTHER, "mark": "0"}
    assert noc.post(EDIT, EDIT, do="save", **held, **CELLS).status_code == 403
    assert noc.get(f"{EDIT}?name=portal&site={OTHER}").status_code == 404


def test_a_form_from_elsewhere_changes_nothing(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    answer = signed_in("noc").client.post(EDIT, data={"do": "save", **CELLS})
    assert answer.status_code == 400 and rows(store) == []


def test_cadence_is_set_for_all_sites_of_a_place(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    noc, form = signed_in("noc"), "/checks/cadence"
    cells = {"place": "35.10.06", "profile": "4g", "bytes_per_day": "5000000"}
    shown = noc.post(form, form, do="preview", **cells).get_data(as_text=True)
    assert SITE in shown and OTHER not in shown
    mark = mark_on(shown)
    assert noc.post(form, form, do="save", mark=mark, **cells).status_code == 303
    assert noc.post(form, form, do="save", mark=mark, **cells).status_code == 409
    assert noc.post(form, form, do="save", place="35.10.06", profile="5g").status_code == 422
    with reading(store) as connection:
        site = inventory.site(connection, SITE)
    assert site is not None
    assert (site.profile, site.bytes_per_day, site.report_every_s) == ("4g", 5_000_000, 120)


def test_a_refused_configuration_is_told_with_its_reason(
    signed_in: Callable[..., Visitor], store: Engine, settings: Settings
) -> None:
    with writing(store) as connection:
        agent = agents.add_agent(connection, SITE, "mini-pc", [], "active", NOW)
        tag = etag(agent_config(connection, SITE, settings))
        reason = "checks[6].kind: 'opensid' is not one of ping <b>"
        agents.tell_config(connection, agent, "0ld", reason, tag, NOW - 60)
    noc = signed_in("noc")
    for path in (f"/sites/{SITE}", f"/sites/{SITE}/configuration"):
        page = noc.page(path)
        assert "is not one of ping &lt;b&gt;" in page and tag in page and "mini-pc" in page


def test_a_long_list_comes_in_pages_and_is_searched(
    signed_in: Callable[..., Visitor], store: Engine
) -> None:
    rows = [{"name": f"app-{n:03}", "site": SITE, "scope": "desa"} for n in range(60)]
    rows += [{"name": "portal", "site": OTHER, "scope": "desa"}]
    told = {"owner": "", "depends_on": "", "kind": "http", "target": "http://a/", "settings": "{}"}
    with writing(store) as connection:
        connection.execute(insert(schema.services), [row | told for row in rows])
    noc = signed_in("noc", ("35.10.06",))
    first, second = noc.page("/checks"), noc.page("/checks?skip=50")
    assert ("app-049" in first, "app-050" in first, "skip=50" in first) == (True, False, True)
    assert ("app-049" in second, "app-059" in second, "portal" in second) == (False, True, False)
    found = noc.page("/checks?q=APP-007")
    assert "app-007" in found and "app-008" not in found
    assert noc.get("/checks?skip=x").status_code == 400
