"""The pages: what stands on them with none, one and many sites, for whom, in which words."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

NOW = 1795425120.0
HOUR, DAY = 3600.0, 86400.0
SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


def text_of(page: str) -> str:
    """What a person reads of a page, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page.split("</head>")[1]).split())


def names_on(page: str) -> list[str]:
    return re.findall(r'data-key="([^"]+)"', page)


def test_an_empty_centre_says_how_to_begin(regency: Any, signed_in: Callable[..., Any]) -> None:
    text = text_of(signed_in("admin").page("/sites/"))
    assert "Belum ada lokasi" in text
    assert "ronda sites import FILE" in text


def test_a_site_that_never_reported(regency: Any, signed_in: Callable[..., Any]) -> None:
    regency.site(SITE, "Benculuk")
    browser = signed_in("noc")
    assert "Tidak diketahui belum pernah lapor" in text_of(browser.page("/sites/"))
    text = text_of(browser.page(f"/sites/{SITE}"))
    assert "Tidak diketahui belum pernah lapor" in text
    assert "Belum ada pengukuran" in text
    assert "belum ada yang diketahui" in text


def test_sites_stand_worst_first(regency: Any, signed_in: Callable[..., Any]) -> None:
    for number, (name, state) in enumerate(
        [("a", "normal"), ("b", "normal"), ("c", "unknown"), ("d", ""), ("e", "slow")]
    ):
        regency.site(f"35.10.06.200{number}", name, state)
    regency.site("35.10.06.2007", "f")
    regency.state("35.10.06.2007", "down", NOW - HOUR)
    regency.site("35.10.06.2008", "g")
    regency.state("35.10.06.2008", "down", NOW - 2 * HOUR)
    regency.site("35.10.06.2009", "h", "down", lifecycle="planned")
    regency.check("35.10.06.2001", "opensid", "bad")
    page = signed_in("noc").page("/sites/")
    order = [code[-1] for code in names_on(page)]
    assert order == ["8", "7", "4", "2", "3", "1", "0"]
    assert re.findall(r'class="n">(\d+)<', page) == ["2", "1", "2", "2"]


@pytest.mark.slow
def test_pages_of_fifty(regency: Any, signed_in: Callable[..., Any]) -> None:
    for number in range(101):
        regency.site(f"35.10.06.2{number:03d}", f"Desa {number:03d}", "normal")
    browser = signed_in("noc")
    seen = [names_on(browser.page(f"/sites/?page={page}")) for page in (1, 2, 3, 4)]
    assert [len(part) for part in seen] == [50, 50, 1, 0]
    assert len({code for part in seen for code in part}) == 101


FILTERS = [
    pytest.param("q=bencu", ["Benculuk"], id="part of a name"),
    pytest.param("q=BENCULUK", ["Benculuk"], id="capitals"),
    pytest.param("q=muncar+icon", ["Tembokrejo"], id="district and ISP"),
    pytest.param("q=35.10.06.2005", ["Benculuk"], id="code"),
    pytest.param("q=%25", [], id="a percent sign is itself"),
    pytest.param("q=_", [], id="an underscore is itself"),
    pytest.param("q='+OR+1=1", [], id="a quote is itself"),
    pytest.param("state=down", ["Tembokrejo"], id="state"),
    pytest.param("state=down&q=bencu", [], id="state and name"),
]


@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_a_filter_without_script(
    query: str, names: list[str], regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "slow")
    regency.site("35.10.07.2003", "Tembokrejo", "down", district="Muncar", isp="ICON+")
    page = signed_in("noc").page(f"/sites/?{query}")
    assert re.findall(r'class="plain" href="[^"]*">([^<]+)</a>', page) == names


@pytest.mark.parametrize(
    ("areas", "names"),
    [([], ["Benculuk", "Bayu"]), (["35.10.06"], ["Benculuk"]), ([OTHER], ["Bayu"])],
)
def test_everybody_sees_their_own_area(
    areas: list[str], names: list[str], regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.site(OTHER, "Bayu", "slow")
    page = signed_in("technician", areas).page("/sites/")
    assert re.findall(r'class="plain" href="[^"]*">([^<]+)</a>', page) == names
    assert f"{len(names)} lokasi" in text_of(page)


def test_a_row_tells_what_since_when_and_why(
    regency: Any, signed_in: Callable[..., Any], numbers: Any
) -> None:
    regency.site(SITE, "Benculuk")
    regency.state(SITE, "slow", NOW - 101 * 60, cause="fiber", confidence=0.78)
    regency.check(SITE, "opensid", "bad")
    numbers.last[0] = NOW - 8
    page = signed_in("noc").page("/sites/")
    row = text_of("</head>" + page.split("<tbody>")[1])
    told = "Benculuk Cluring, Telkom Lambat kabel FO putus dugaan, keyakinan 78% 14.31 8 dtk lalu 1"
    assert row.startswith(told)


def test_the_site_page_tells_it_all(
    regency: Any, signed_in: Callable[..., Any], numbers: Any
) -> None:
    regency.site(SITE, "Benculuk", upstream="POP Srono")
    regency.state(SITE, "normal", NOW - 10 * DAY, until=NOW - 5 * HOUR)
    regency.state(
        SITE, "down", NOW - 5 * HOUR, until=NOW - 4 * HOUR, cause="power", source="backlog"
    )
    regency.state(SITE, "normal", NOW - 4 * HOUR, until=NOW - 101 * 60)
    evidence = '["kehilangan paket 12,4%"]'
    regency.state(SITE, "slow", NOW - 101 * 60, cause="fiber", confidence=0.78, evidence=evidence)
    regency.check(SITE, "opensid", "bad", reason="HTTP 502", since=NOW - DAY)
    regency.check(SITE, "dns", "good", kind="dns", reason="38 ms")
    regency.contact(SITE, "Agus Prasetyo", "village", whatsapp="+6281200000151")
    times = [NOW - 60 * back for back in range(600, 0, -1)]
    numbers.put('ronda_uplink_rtt_seconds{target="gateway"}', times, [0.025] * 599 + [0.186])
    numbers.put("ronda_host_memory_used_ratio", times, [0.4] * 600)
    text = text_of(signed_in("technician").page(f"/sites/{SITE}"))
    for told in (
        "Lambat sejak 14.31 (1 j 41 mnt) Kabel FO putus, dugaan, keyakinan 78%",
        "kehilangan paket 12,4%",
        "Melalui POP Srono",
        "11.12, 1 j 00 mnt listrik padam (disusulkan oleh agen)",
        "opensid halaman web Gangguan HTTP 502 kemarin 16.12",
        "dns DNS Normal 38 ms 15.12",
        "Waktu tanggap (RTT) gateway 186 ms batas 300 ms",
        "Memori terpakai 40,0%",
        "Agus Prasetyo petugas TI desa, WhatsApp Telepon",
        "waktu WIB",
    ):
        assert told in text, text


def test_who_only_looks_on_sees_no_phone_numbers(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(SITE, "Benculuk", "normal")
    regency.contact(SITE, "Agus Prasetyo", "village", whatsapp="+6281200000151")
    page = signed_in("viewer").page(f"/sites/{SITE}")
    assert "Agus" not in page
    assert "81200000151" not in page


@pytest.mark.parametrize(
    ("code", "shown", "zone"),
    [
        pytest.param("35.10.06.2005", "14.31", "WIB", id="Jawa Timur"),
        pytest.param("53.01.06.2005", "15.31", "WITA", id="NTT"),
        pytest.param("91.01.06.2005", "16.31", "WIT", id="Papua"),
    ],
)
def test_times_are_those_of_the_village(
    code: str, shown: str, zone: str, regency: Any, signed_in: Callable[..., Any]
) -> None:
    regency.site(code, "Desa")
    regency.state(code, "slow", NOW - 101 * 60)
    browser = signed_in("noc")
    assert f" {shown} " in text_of(browser.page("/sites/"))
    text = text_of(browser.page(f"/sites/{code}"))
    assert f"sejak {shown}" in text
    assert f"waktu {zone}" in text


def test_a_phone_that_speaks_english_is_answered_in_indonesian_until_asked(
    visitor: Callable[[], Any],
) -> None:
    browser = visitor()
    headers = {"Accept-Language": "en-US,en;q=0.9"}
    assert '<html lang="id">' in browser.page("/login", headers=headers)
    browser.post("/language", language="en", next="/login")
    assert '<html lang="en">' in browser.page("/login")


def test_the_other_language(regency: Any, signed_in: Callable[..., Any]) -> None:
    regency.site(SITE, "Benculuk", "down")
    browser = signed_in("noc")
    assert browser.post("/language", form_on="/", language="en", next="/").status_code == 303
    text = text_of(browser.page("/sites/"))
    assert "Down" in text
    assert "15:12" in text
    assert "Putus" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "lag_s", "told", "stale"),
    [
        pytest.param(NOW, 0.2, "Per 16.11.59", False, id="fresh"),
        pytest.param(NOW - 20, 0.2, "tertinggal 20 dtk", False, id="late"),
        pytest.param(NOW, 300, "keadaan 5 mnt lalu", True, id="the fold is behind"),
        pytest.param(NOW - 7200, 0, "keadaan 2 j 00 mnt lalu", True, id="the engine is dead"),
    ],
)
def test_pages_say_how_old_they_are(
    at: float,
    lag_s: float,
    told: str,
    stale: bool,
    regency: Any,
    signed_in: Callable[..., Any],
) -> None:
    regency.site(SITE, "Benculuk", "down")
    regency.fold(at, lag_s)
    browser = signed_in("noc")
    for path in ("/", "/sites/", f"/sites/{SITE}"):
        page = browser.page(path)
        assert told in text_of(page)
        assert bool(re.search(r'class="[^"]*\bstale\b', page)) is stale


class Inline(HTMLParser):
    """Finds what the content policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        bad = [key for key in given if key == "style" or key.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            bad.append(tag)
        for key in ("src", "href", "action"):
            target = given.get(key) or ""
            if not target.startswith(("/", "#", "tel:")) and target:
                bad.append(f"{key}={target}")
        self.found += bad


def test_no_page_carries_inline_script_or_style_or_leads_outside(
    regency: Any, signed_in: Callable[..., Any], visitor: Callable[[], Any], numbers: Any
) -> None:
    regency.site(SITE, "<script>alert(1)</script>", "down", isp='"onload="x')
    regency.check(SITE, "<b>", "bad", reason="<img src=x onerror=alert(1)>")
    numbers.put("ronda_host_cpu_ratio", [NOW - 120, NOW - 60], [0.2, 0.3])
    browser = signed_in("noc")
    pages = ["/", "/sites/?q=<script>", f"/sites/{SITE}", "/sites/?state=x", "/nowhere"]
    answers = [browser.get(path) for path in pages] + [visitor().get("/login")]
    for answer in answers:
        parser = Inline()
        parser.feed(answer.get_data(as_text=True))
        assert parser.found == []
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")


def test_looking_writes_nothing(regency: Any, signed_in: Callable[..., Any], store: Any) -> None:
    regency.site(SITE, "Benculuk", "down")
    browser = signed_in("noc")
    with store.connect() as watching:
        before = watching.exec_driver_sql("PRAGMA data_version").scalar()
        watching.rollback()
        for path in ("/", "/sites/", f"/sites/{SITE}", "/login", "/healthz", "/metrics", "/link/x"):
            browser.get(path)
        assert watching.exec_driver_sql("PRAGMA data_version").scalar() == before


def test_static_files_are_kept_for_a_year_and_come_small(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    browser = signed_in("noc")
    page = browser.page("/")
    total = 0
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers, "a cache between would hand it to others"
        total += len(answer.get_data())
        tag = answer.headers["ETag"]
        again = browser.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
        assert again.status_code == 304
    assert 0 < total < 40_000


def test_cookies_are_kept_from_scripts_and_other_sites(
    account: Callable[..., str], visitor: Callable[[], Any]
) -> None:
    account("dewi", "noc")
    plain = visitor().sign_in("dewi").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    over_tls = visitor().client.get("/login", base_url="https://ronda.example/")
    assert "Secure" in over_tls.headers["Set-Cookie"]
    assert over_tls.headers["Strict-Transport-Security"]


def test_signing_out_ends_the_session_here(regency: Any, signed_in: Callable[..., Any]) -> None:
    browser = signed_in("noc")
    assert browser.post("/logout", form_on="/").status_code == 303
    assert browser.get("/").status_code == 303
