"""What is exported comes back as it was, and no spreadsheet takes a cell for a formula."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import OTHER, SITE
from tests.web.inventory.conftest import Importer

People = Callable[..., Importer]
RING = [[114.1, -8.4], [114.2, -8.4], [114.2, -8.3], [114.1, -8.4]]


def filled(noc: Importer) -> None:
    feature = {"type": "Feature", "properties": {"code": "35.10.06", "name": "Cluring"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [RING]}
    shapes = json.dumps({"type": "FeatureCollection", "features": [feature]})
    noc.bring(("areas.geojson", shapes))
    noc.bring(
        ("sites.csv", f"code,name,lat,lon,isp\n{SITE},Benculuk,-8.43251,114.2187,Telkom|XL\n"
                      f'{OTHER},"=HYPERLINK(""http://x"")",,,\n'),
        ("uplinks.csv", f"site;name;mbps;fee_rp\n{SITE};main;12,5;Rp 350.000,125\n"),
        ("devices.csv", f"site,name,state,serial\n{SITE},ap1,stolen,-7\n"),
        ("services.csv", f"name,site,kind,target,must_match\nweb,{SITE},http,http://h/,@desa\n"),
        ("contacts.csv", f"scope,name,role,whatsapp\n{SITE},+Agus,village,081234567890\n"),
        ("holidays.csv", "date,name\n25/12/2026,Natal\n"),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["", "?for=excel"], ids=["plain", "for Excel"])
def test_all_of_it_comes_back_and_nothing_changes(importer: People, asked: str) -> None:
    admin = importer("admin")
    filled(admin)
    body = admin.browser.get(f"/inventory/export/inventory.zip{asked}").data
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    assert len(files) == 8
    tables = [(name, data) for name, data in files if name.endswith(".csv")]
    for sent in (tables, files[-1:]):
        page = admin.browser.page(admin.draft(*sent))
        assert "Tidak ada yang berubah" in page, page
    mark = ";" if asked else ","
    for name, data in tables:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=mark)
        cells = [cell for row in rows for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")] == [], name


@pytest.mark.slow
def test_excel_in_indonesian_finds_its_commas(importer: People) -> None:
    admin = importer("admin")
    filled(admin)
    text = admin.browser.get("/inventory/export/sites.csv?for=excel").data.decode()
    assert text.startswith("\ufeffcode;name;") and "'-8,43251;114,2187" in text
    assert text.endswith("\r\n")


@pytest.mark.slow
def test_who_has_areas_gets_what_lies_in_them(importer: People) -> None:
    filled(importer("admin"))
    noc = importer("noc", ["35.10.06"])
    sites = noc.browser.get("/inventory/export/sites.csv").data.decode()
    assert SITE in sites and OTHER not in sites
    assert noc.browser.get("/inventory/export/holidays.csv").data.decode() == "date,name\n"
    areas = json.loads(noc.browser.get("/inventory/export/areas.geojson").data)
    assert [one["properties"]["code"] for one in areas["features"]] == ["35.10.06"]


@pytest.mark.parametrize("name", ["sites", "users.csv", "x.zip", "areas.geojson.csv"])
def test_a_file_that_is_none_is_not_there(importer: People, name: str) -> None:
    assert importer().browser.get(f"/inventory/export/{name}").status_code == 404


def test_an_export_is_kept_by_nobody_on_its_way(importer: People) -> None:
    answer: Any = importer().browser.get("/inventory/export/contacts.csv")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contacts.csv"'
