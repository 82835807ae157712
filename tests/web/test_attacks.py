"""What somebody with bad intent tries on the console, and gets nothing of."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, insert

from collector import acts, schema
from collector.db import writing
from tests.web.conftest import NOW, SITE, Visitor
from web.app import SESSIONLESS
from web.entrance import inside
from web.public import front

pytestmark = pytest.mark.slow

ODD = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{7*7}}"
FORMULA = "=HYPERLINK(A1)"
# what stands in addresses of pages
PLACES = {"code": SITE, "name": "dewi.x", "number": "1", "kind": "sites", "token": "x"}
PLACES |= {"photo": "1", "verb": "take", "channel": "fonnte", "secret": "x"}


def addresses(app: Flask, method: str) -> list[tuple[str, str]]:
    """Endpoint and a path of each page that answers `method`."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda m: PLACES.get(m[1], "x"), rule.rule)
            found.append((rule.endpoint, path))
    return found


@pytest.fixture
def odd(store: Engine, regency: Any) -> Engine:
    """A regency whose every text is an attack."""
    texts = {"upstream": ODD, "power_feeder": ODD, "isp": ODD, "district": ODD, "regency": ODD}
    regency.site(SITE, ODD, "down", **texts)
    regency.check(SITE, ODD, "bad", reason=ODD)
    regency.incident(
        ODD, SITE, acknowledged_by=ODD, assigned_to=ODD, ticket=ODD, evidence=json.dumps([ODD])
    )
    regency.contact(SITE, ODD, "village", whatsapp="+6281200000151", email=ODD)
    regency.contact("*", ODD, "noc", whatsapp=ODD)
    lines = {"site": SITE, "isp": ODD, "service_no": ODD, "contract_no": ODD, "isp_phone": ODD}
    row = {"name": ODD, "site": SITE, "scope": "desa", "kind": "http", "target": ODD}
    with writing(store) as connection:
        connection.execute(insert(schema.uplinks).values(name="main", **lines))
        connection.execute(insert(schema.services).values(owner=ODD, depends_on=ODD, **row))
        connection.execute(
            insert(schema.areas).values(code="35.10.06", name=ODD, level="district", parent="35.10")
        )
        shift = {"scope": "*", "person": ODD, "days": "", "begins": "", "ends": ""}
        connection.execute(insert(schema.duty).values(first_day="", last_day="", **shift))
        mute = {"scope": f"site:{SITE}", "by": ODD, "why": ODD, "begins": NOW, "ends": NOW + 60}
        connection.execute(insert(schema.mutes).values(**mute))
        acts.record(connection, NOW, ODD, "note", ODD, {"note": ODD, "areas": [ODD]})
    return store


def test_no_text_of_the_inventory_becomes_part_of_a_page(
    odd: Engine, app: Flask, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("admin")
    looked = 0
    more = [f"/inventory/rows/{kind}" for kind in ("areas", "uplinks", "contacts", "services")]
    more += [
        f"/checks/edit?name={ODD}&site={SITE}",
        f"/search?q={ODD[:20]}",
        f"/sites/?q={ODD[:8]}",
    ]
    for path in [*(path for _, path in addresses(app, "GET")), *more]:
        answer = browser.get(path)
        assert answer.status_code != 500, path
        if answer.mimetype == "text/html":
            page = answer.get_data(as_text=True)
            looked += "&lt;script&gt;alert" in page
            assert "<script>alert" not in page and "<img src=x" not in page, path
            assert "onerror=alert(1)>\"'" not in page and "49" not in re.findall("{{(.*)}}", page)
    assert looked >= 12, "the pages that show such texts were looked at"


@pytest.mark.parametrize("who", ["", "admin"])
def test_every_answer_is_bound_by_a_policy_and_kept_nowhere(
    odd: Engine, app: Flask, visitor: Callable[[], Visitor], signed_in: Any, who: str
) -> None:
    browser = signed_in(who) if who else visitor()
    paths = [path for _, path in addresses(app, "GET")]
    for path in [*paths, "/nowhere", "/sites/?page=x"]:
        if path.startswith("/static/"):
            continue
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy, path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff", path


def test_no_form_is_taken_without_its_token(
    odd: Engine, app: Flask, signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("admin")
    tried = 0
    for endpoint, path in addresses(app, "POST"):
        # a public form acts for nobody who is signed in
        if endpoint in SESSIONLESS or front.wanted(path):
            continue
        for fields in ({}, {"form_token": "00" * 32}, {"form_token": "x"}):
            assert browser.client.post(path, data=fields).status_code == 400, path
        tried += 1
    assert tried > 30


def test_who_asks_for_a_head_alone_is_answered_as_with_the_page_and_acts_on_nothing(
    app: Flask, account: Callable[..., str], visitor: Callable[[], Visitor]
) -> None:
    browser = visitor()
    # no form token is asked of a head, so nobody may get in by one
    form = {"name": account("sari", "noc"), "password": "kentongan malam"}
    assert "Location" not in browser.client.head("/login", data=form).headers
    for _, path in addresses(app, "GET"):
        if not path.startswith(("/static/", "/live")):
            assert browser.client.head(path).status_code == browser.get(path).status_code, path


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_request_is_what_it_is_called(
    odd: Engine, signed_in: Callable[..., Visitor], name: str
) -> None:
    browser = signed_in("admin")
    assert browser.get("/logout", headers={name: "POST"}).status_code == 405
    assert browser.get("/logout?_method=POST").status_code == 405
    assert browser.client.put("/logout").status_code in (400, 405)
    assert browser.get("/").status_code == 200, "still signed in"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "javascript:alert(1)",
        "",
        " //evil.example",
        "/\u2028/evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_led_away(target: str, app: Flask, signed_in: Callable[..., Visitor]) -> None:
    with app.test_request_context("/"):
        assert inside(target) == "/"
    browser = signed_in("noc")
    answer = browser.post("/language", "/", language="id", next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_cookies_are_for_the_console_alone(
    app: Flask, account: Callable[..., str], scheme: str, secure: bool
) -> None:
    browser = Visitor(app.test_client())
    told = {"base_url": f"{scheme}://ronda.example/"}
    page = browser.client.get("/login", **told).get_data(as_text=True)
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert found
    fields = {"form_token": found[1], "name": account("sari", "noc"), "password": "kentongan malam"}
    answer = browser.client.post("/login", data=fields, **told)
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-ronda=" if secure else "ronda=")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= parts
        assert ("secure" in parts) is secure
        assert not any(part.startswith("domain") for part in parts)


FORMULAS = (FORMULA, "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", " =1")
EXPORTS = [
    "/sites/sites.csv",
    "/audit.csv",
    "/inventory/export/sites.csv",
    "/inventory/export/contacts.csv",
]


@pytest.mark.parametrize("path", EXPORTS)
def test_no_cell_of_an_export_is_a_formula(
    path: str, store: Engine, regency: Any, signed_in: Callable[..., Visitor]
) -> None:
    for number, text in enumerate(FORMULAS):
        code = f"35.10.06.200{number}"
        regency.site(code, text, "down", district=text, isp=text, upstream=text)
        regency.contact(code, text, "village", email=text)
        with writing(store) as connection:
            acts.record(connection, NOW, text, text, text, {})
    answer = signed_in("admin").get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    body = answer.get_data(as_text=True).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(body, newline="")))
    assert len(rows) > len(FORMULAS)
    cells = [cell.lstrip() for row in rows for cell in row]
    assert [cell for cell in cells if re.match(r"[=@]|[+-]\D|[+-]\d+[+-]", cell)] == []


@pytest.mark.parametrize("text", ["a" * 100_000, "\u202e" * 99, "\u0000", "\U0001f600" * 999])
def test_long_and_odd_inputs_are_answered_calmly(
    text: str, signed_in: Callable[..., Visitor]
) -> None:
    browser, long = signed_in("admin"), text
    for path, field in (
        ("/search", "q"), ("/sites/", "q"), ("/audit", "by"), ("/people", "q"), ("/rules", "place"),
    ):  # fmt: skip
        assert browser.get(path, query_string={field: long}).status_code in (200, 400)
    answer = browser.post("/duty", "/duty", scope="*", person=long)
    assert answer.status_code in (303, 400, 413)
    answer = browser.post("/people", "/people", name=long, role="noc", areas="")
    assert answer.status_code < 500
