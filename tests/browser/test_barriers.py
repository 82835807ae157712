"""No page keeps anybody out: axe-core finds nothing, in light, in dark, on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Console
from tests.browser.seeds import DOWN, SILENT, SITE
from web import walls

pytestmark = pytest.mark.slow

PAGES = [
    pytest.param("", "/login", id="sign in"),
    pytest.param("", "/link/x", id="a refusal"),
    pytest.param("putri", "/", id="overview"),
    pytest.param("putri", "/sites/", id="sites"),
    pytest.param("putri", f"/sites/{SITE}", id="a slow site"),
    pytest.param("putri", f"/sites/{DOWN}", id="a site that is down"),
    pytest.param("putri", f"/sites/{SILENT}", id="a silent site"),
    pytest.param("putri", "/search?q=desa", id="search"),
    pytest.param("putri", "/search?q=nowhere", id="nothing found"),
    pytest.param("putri", "/reports?month=2026-10", id="reports"),
    pytest.param("putri", "/walls", id="wall screens"),
    pytest.param("putri", "/inventory", id="inventory"),
    pytest.param("putri", "/inventory/rows/sites", id="rows"),
    pytest.param("putri", f"/inventory/rows/sites/edit?code={SITE}", id="a row"),
    pytest.param("putri", "/inventory/imports", id="imports"),
    pytest.param("putri", "/inventory/codes", id="codes"),
    pytest.param("putri", "/inventory/agents", id="agents that wait"),
    pytest.param("putri", "/inventory/readiness", id="readiness"),
    pytest.param("putri", "/inventory/upstreams", id="upstreams"),
    pytest.param("putri", "/inventory/readiness/trial", id="a trial message"),
    pytest.param("putri", "/centre/webhooks", id="webhooks"),
    pytest.param("putri", "/centre", id="the centre itself"),
    pytest.param("putri", "/people", id="people"),
    pytest.param("putri", "/audit", id="what people did"),
    pytest.param("lina", "/account", id="an own account"),
    pytest.param("lina", "/account/data", id="an own account's data"),
    pytest.param("putri", "/persons?account=agus", id="a person's data"),
    pytest.param("putri", "/people/agus", id="an account"),
    pytest.param("putri", "/playbooks", id="remote actions"),
    pytest.param("putri", "/playbooks/ganti-sandi-wifi", id="a remote action"),
    pytest.param("putri", "/playbooks/schedules", id="schedules of remote actions"),
    pytest.param("putri", "/playbooks/schedules?playbook=perbaiki-dns", id="another schedule"),
    pytest.param("putri", "/playbooks/runs", id="runs"),
    pytest.param("putri", "/playbooks/hosts", id="devices of remote actions"),
    pytest.param("putri", f"/playbooks/archives/{SITE}", id="kept configurations"),
    pytest.param("putri", "/nowhere", id="a missing page"),
    pytest.param("", "/status/", id="a regency for everybody"),
    pytest.param("", f"/status/{SITE[:8]}", id="a subdistrict for everybody"),
    pytest.param("", f"/status/{SITE}", id="a village for everybody"),
    pytest.param("", f"/status/{SITE[:5]}/apps", id="applications for everybody"),
    pytest.param("", f"/status/{SITE}/follow", id="following a place"),
    pytest.param("", f"/status/{SITE}/follow/asked", id="an address was entered"),
    pytest.param("", "/status/nowhere", id="no such public page"),
    pytest.param("", "WALL", id="wall"),
    pytest.param("", "/wall/x", id="a wall's refusal"),
]
WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 360, "height": 740}


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_has_no_barriers(
    look_as: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    console: Console,
    who: str,
    path: str,
) -> None:
    if path == "WALL":
        _, path = walls.add(console.data.store, "kiri", [], "id", "dewi", 0.0)
    page = look_as(who, viewport=WIDE)
    page.goto(path)
    assert barriers(page) == []
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []
