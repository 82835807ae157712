"""Pages of centres below and of open data in a browser: readable, narrow enough, no barriers."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from collector import centres
from collector.db import open_history, writing
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.settings import Settings
from tests.browser.conftest import Console, Settle
from web.upward import figures
from web.upward.figures import Part, Values

pytestmark = pytest.mark.slow

WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 360, "height": 740}
REGENCIES = (
    ("35.10", "Banyuwangi", Part(Counter(normal=180, slow=9, down=21, unknown=7), Counter(
        under_1h=2, under_4h=3, older=1), 14, 4321, 0.9731)),
    ("35.11", "Bondowoso", Part(Counter(normal=209), Counter(), 0, 812, 0.9999)),
    ("35.12", "Situbondo", None),
)  # fmt: skip


@pytest.fixture(scope="module")
def settle() -> Settle:
    return lambda settings, _: replace(settings, public=True)


@pytest.fixture(scope="module")
def below(console: Console) -> None:
    """Three centres below: one in trouble, one well, one silent."""
    now, data = time.time(), console.data
    with writing(data.store) as connection:
        for area, name, _ in REGENCIES:
            url = f"https://{name.lower()}.example"
            centres.add(connection, area, name, url, 60, 1.0, now, "dewi")
        found = centres.listing(connection)
    values: dict[int, Values] = {}
    for one, (area, _, part) in zip(found, REGENCIES, strict=True):
        data.regency.state(one.site, "normal" if part else "unknown", now - 7200)
        if part is not None:
            part.available_day = now - 86400
            values[one.row] = figures.told(area, part, now)
    write(data.settings, values, now)


def write(settings: Settings, values: dict[int, Values], now: float) -> None:
    """What the fold would have put into the window."""
    history = open_history(settings)
    names = sorted({name for told in values.values() for name in told})
    columns = Columns(history)
    ids = columns.give(names)
    with writing(history) as connection:
        columns.save(connection)
    Path(settings.window).mkdir(parents=True, exist_ok=True)
    window = WindowWriter.open(settings.window, 120, 4, {}, boot="test")
    for row, told in values.items():
        rows, times = np.array([row], np.int32), np.array([now])
        cells = [told.get(name) for name in names]
        numbers = np.array([[np.nan if cell is None else cell for cell in cells]])
        window.write(rows, times, ids, numbers, 1)
        window.touch(rows, times)
    window.sync(1)
    window.close()
    history.dispose()


PAGES = [
    pytest.param("putri", "/centres", id="regencies"),
    pytest.param("", "/data/", id="open data"),
]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_has_no_barriers_and_fits_a_phone(
    look_as: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    below: None,
    who: str,
    path: str,
) -> None:
    page = look_as(who, viewport=WIDE)
    page.goto(path)
    assert barriers(page) == []
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_regencies_stand_in_trouble_first_and_lead_to_their_consoles(
    open_as: Callable[..., Page], below: None
) -> None:
    page = open_as("putri", viewport=WIDE)
    page.goto("/centres")
    rows = page.locator("tbody tr")
    assert rows.locator("th a").all_inner_texts() == ["Banyuwangi", "Bondowoso", "Situbondo"]
    assert "Tidak diketahui" in rows.nth(2).inner_text()
    assert rows.nth(2).locator(".down").count() == 0
    href = rows.nth(0).locator("th a").get_attribute("href")
    assert href == "https://banyuwangi.example"
