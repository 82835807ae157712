"""Rows by hand: added, changed, removed, and never over what somebody else wrote."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.web.conftest import OTHER, SITE
from tests.web.inventory.conftest import Importer
from tests.web.test_pages import text_of

pytestmark = pytest.mark.usefixtures("database_url")

People = Callable[..., Importer]
_INPUT = re.compile(r'<input (?:type="hidden" |id="[^"]*" )name="([^"]+)" value="([^"]*)"')
_CHOSEN = re.compile(r'<select id="[^"]*" name="([^"]+)".*?</select>', re.DOTALL)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    found = {name: value for name, value in _INPUT.findall(page) if name != "form_token"}
    for match in _CHOSEN.finditer(page):
        chosen = re.search(r'value="([^"]*)" selected', match[0])
        found[match[1]] = chosen[1] if chosen else ""
    return {name: value.replace("&#34;", '"') for name, value in found.items()}


def save(somebody: Importer, kind: str, key: str = "", **typed: str) -> Any:
    """Open a form, type, press save."""
    at = f"/inventory/rows/{kind}/edit"
    return send(somebody, kind, form_of(somebody.browser.page(f"{at}?{key}")), typed)


def send(
    somebody: Importer,
    kind: str,
    form: Mapping[str, str],
    typed: Mapping[str, str],
    do: str = "save",
) -> Any:
    at = f"/inventory/rows/{kind}/edit"
    return somebody.browser.post(at, at, **{**form, **typed, "do": do})


NEW = [
    ("areas", {"code": "35.10.06", "name": "Cluring"}),
    ("sites", {"code": SITE, "name": "Benculuk", "lat": "-8,4", "lifecycle": "planned"}),
    ("contacts", {"scope": SITE, "name": "Agus", "role": "village", "whatsapp": "0812 3456 7890"}),
    ("holidays", {"date": "25/12/2026", "name": "Natal"}),
]


@pytest.mark.parametrize(("kind", "typed"), NEW, ids=[one[0] for one in NEW])
def test_a_row_is_added_and_found(importer: People, kind: str, typed: dict[str, str]) -> None:
    noc = importer()
    assert save(noc, kind, **typed).status_code == 303
    rows = noc.rows(kind)
    assert typed["name"] in [row["name"] for row in rows]
    assert typed["name"] in noc.browser.page(
        f"/inventory/rows/{kind}?q={typed['name'][:3].lower()}"
    )
    assert "Belum ada apa-apa" in noc.browser.page(f"/inventory/rows/{kind}?q=zzz")
    assert save(noc, kind, **typed).status_code == 409
    assert noc.rows(kind) == rows


@pytest.mark.slow
def test_lines_and_devices_belong_to_a_site(importer: People) -> None:
    noc = importer()
    assert save(noc, "uplinks", site=SITE, name="main").status_code == 422
    noc.bring(("sites.csv", f"code,name\n{SITE},Benculuk\n"))
    assert (
        save(noc, "uplinks", site=SITE, name="main", mbps="12,5", ends="31/12/2026").status_code
        == 303
    )
    assert save(noc, "devices", site=SITE, name="ap1", serial="X1").status_code == 303
    assert save(noc, "devices", f"site={SITE}&name=ap1", state="stolen").status_code == 303
    assert (noc.rows("uplinks")[0]["mbps"], noc.rows("uplinks")[0]["ends"]) == (12.5, "2026-12-31")
    assert noc.rows("devices")[0]["state"] == "stolen"
    assert "dicuri" in noc.browser.page("/inventory/rows/devices")


@pytest.mark.slow
def test_the_second_of_two_editors_is_told_what_the_first_changed(importer: People) -> None:
    admin, noc = importer("admin"), importer("noc")
    admin.bring(("sites.csv", f"code,name,isp,hours\n{SITE},Benculuk,Telkom,24h\n"))
    at = f"/inventory/rows/sites/edit?code={SITE}"
    first, second = (form_of(each.browser.page(at)) for each in (admin, noc))
    assert send(admin, "sites", first, {"isp": "Icon+", "name": "Desa Benculuk"}).status_code == 303
    answer = send(noc, "sites", second, {"name": "Benculuk Kidul"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "admin.a mengubah baris ini selagi Anda menulis" in page
    assert "tadinya Telkom &rarr; menjadi Icon+" in text_of(page)
    assert "tadinya Benculuk &rarr; menjadi Desa Benculuk" in text_of(page)
    site = noc.rows("sites")[0]
    assert (site["name"], site["isp"]) == ("Desa Benculuk", "Icon+")
    again = form_of(page)
    assert (again["name"], again["isp"]) == ("Benculuk Kidul", "Icon+")
    assert send(noc, "sites", again, {}).status_code == 303
    site = noc.rows("sites")[0]
    assert (site["name"], site["isp"]) == ("Benculuk Kidul", "Icon+")


def test_what_somebody_removed_is_not_silently_made_again(importer: People) -> None:
    admin, noc = importer("admin"), importer("noc")
    save(admin, "contacts", scope="*", name="Dewi", role="noc")
    at = "/inventory/rows/contacts/edit?scope=*&name=Dewi"
    first, second = (form_of(each.browser.page(at)) for each in (admin, noc))
    sure = send(admin, "contacts", first, {}, "remove").get_data(as_text=True)
    assert "Baris ini akan dihapus" in sure and len(noc.rows("contacts")) == 1
    assert send(admin, "contacts", form_of(sure), {"sure": "1"}, "remove").status_code == 303
    assert noc.rows("contacts") == []
    answer = send(noc, "contacts", second, {"email": "d@x.id"})
    assert answer.status_code == 409
    assert "admin.a menghapus baris ini" in answer.get_data(as_text=True)
    assert noc.rows("contacts") == []
    assert send(noc, "contacts", form_of(answer.get_data(as_text=True)), {}).status_code == 303


@pytest.mark.slow
def test_a_contact_moves_and_a_site_does_not(importer: People) -> None:
    noc = importer()
    noc.bring(("sites.csv", f"code,name\n{SITE},Benculuk\n"))
    save(noc, "contacts", scope=SITE, name="Agus", role="village", sms="0812345678")
    save(noc, "contacts", f"scope={SITE}&name=Agus", scope="35.10.06")
    assert [(row["scope"], row["sms"]) for row in noc.rows("contacts")] == [
        ("35.10.06", "+62812345678")
    ]
    answer = save(noc, "sites", f"code={SITE}", code=OTHER)
    assert answer.status_code == 409 and "kode tidak dapat diubah" in answer.get_data(as_text=True)
    form = form_of(noc.browser.page(f"/inventory/rows/sites/edit?code={SITE}"))
    send(noc, "sites", form, {"sure": "1"}, "remove")
    assert [row["code"] for row in noc.rows("sites")] == [SITE]


def test_another_profile_brings_its_cadence(importer: People) -> None:
    noc = importer()
    noc.bring(("sites.csv", f"code,name\n{SITE},Benculuk\n"))
    save(noc, "sites", f"code={SITE}", profile="hemat")
    assert noc.rows("sites")[0]["report_every_s"] == 600
    save(noc, "sites", f"code={SITE}", profile="4g", report_every_s="90")
    assert noc.rows("sites")[0]["report_every_s"] == 90


WRONG = [
    ("sites", {"code": "35.10", "name": "x"}, "code"),
    ("sites", {"code": SITE, "name": ""}, "name"),
    ("sites", {"code": SITE, "name": "x", "lat": "-836466"}, "lat"),
    ("sites", {"code": SITE, "name": "x", "lifecycle": "alive"}, "lifecycle"),
    ("contacts", {"scope": "*", "name": "x", "role": "noc", "sms": "6,28E+11"}, "sms"),
    ("contacts", {"scope": "all", "name": "x", "role": "noc"}, "scope"),
    ("holidays", {"date": "soon", "name": "x"}, "date"),
]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("kind", "typed", "field"), WRONG, ids=[str(one[1:]) for one in WRONG])
def test_what_is_wrong_stands_beside_its_field(
    importer: People, kind: str, typed: dict[str, str], field: str
) -> None:
    noc = importer()
    answer = save(noc, kind, **typed)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.get_data(as_text=True)
    assert noc.rows(kind) == []


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("sites", {"code": OTHER, "name": "Bayu"}),
        ("contacts", {"scope": "*", "name": "Dewi", "role": "noc"}),
        ("contacts", {"scope": "isp:Telkom", "name": "Budi", "role": "isp"}),
        ("areas", {"code": "35.10", "name": "Banyuwangi"}),
        ("holidays", {"date": "2026-12-25", "name": "Natal"}),
    ],
    ids=lambda value: str(value),
)
def test_who_has_areas_adds_nothing_outside_of_them(
    importer: People, kind: str, typed: dict[str, str]
) -> None:
    noc = importer("noc", ["35.10.06"])
    assert save(noc, kind, **typed).status_code == 422
    assert noc.rows(kind) == []


def test_who_has_areas_sees_and_moves_only_what_lies_in_them(importer: People) -> None:
    importer("admin").bring(("sites.csv", f"code,name\n{SITE},Benculuk\n{OTHER},Bayu\n"))
    noc = importer("noc", ["35.10.06"])
    page = noc.browser.page("/inventory/rows/sites")
    assert "Benculuk" in page and "Bayu" not in page
    form = {"key.code": OTHER, "code": OTHER, "name": "Mine", "mark": ""}
    assert send(noc, "sites", form, {}).status_code == 404
    save(noc, "contacts", scope=SITE, name="Agus", role="village")
    assert save(noc, "contacts", f"scope={SITE}&name=Agus", scope=OTHER).status_code == 422
