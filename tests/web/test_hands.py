"""The page behind the link in a message: bots may look, only the button acts."""

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, insert, select

from alerts import chronicle, incidents, links, members, photos
from alerts.incidents import New
from alerts.links import Maker
from collector import schema
from collector.db import reading, writing
from collector.inventory import Contact
from collector.settings import Settings
from tests.web.conftest import HOUR, NOW, OTHER, SITE, Clock, Regency, Visitor

SARI = Contact(SITE, "Sari", "village", 1, "id", "", "", "", "", "http://sari/")
BUDI = replace(SARI, name="Budi", order=2, language="en")
WIRA = replace(SARI, name="Wira")
FULL = 14 * 1024


@pytest.fixture
def number(regency: Regency) -> int:
    """An incident that Sari and Budi were told of."""
    regency.site(SITE, "Tembokrejo", "down")
    for person in (SARI, BUDI, WIRA):
        address = f"http://{person.name}/"
        regency.contact(SITE, person.name, "village", language=person.language, webhook=address)
    # another Sari, of another village, was not told
    regency.contact(OTHER, "Sari", "village", webhook="http://other/")
    regency.contact("*", "Dewi", "noc", sms="+6281234567")
    new = New(
        key=f"site:{SITE}",
        subject="uplink",
        severity="critical",
        title="Internet Tembokrejo",
        down_since=NOW - HOUR,
        site=SITE,
        cause="fiber",
        confidence=0.8,
    )
    line = {
        "site": SITE,
        "name": "main",
        "isp": "Telkom",
        "isp_phone": "147",
        "service_no": "152-9",
    }
    with writing(regency.store) as connection:
        opened = incidents.open_incident(connection, new, NOW - HOUR)
        joined = members.Member(opened, new.key, SITE, new.title, NOW - HOUR, NOW - HOUR)
        members.save(connection, [joined])
        connection.execute(insert(schema.uplinks).values(**line))
        for person in (SARI, BUDI):
            notice = {"incident": opened, "news": "opened", "person": person.name, "body": "{}"}
            notice |= {"channel": "webhook", "target": f"http://{person.name}/", "state": "sent"}
            connection.execute(
                insert(schema.notices).values(**notice, next_try=NOW, created_at=NOW)
            )
    return opened


@pytest.fixture
def link(settings: Settings, number: int) -> Callable[..., str]:
    made = links.maker(replace(settings, public_url="https://noc.id"))

    def path(person: Contact = SARI, incident: int = number, at: float = NOW) -> str:
        return made.url(incident, person, at).removeprefix("https://noc.id")

    return path


@pytest.fixture
def bare(visitor: Callable[[], Visitor]) -> Iterator[Any]:
    """A phone's browser that knows nothing of us."""
    yield visitor().client


def state(store: Engine, number: int) -> str:
    with reading(store) as connection:
        found = incidents.find(connection, number)
    assert found is not None
    return found.state


def log(store: Engine) -> list[tuple[str, str, str]]:
    with reading(store) as connection:
        return [(e.by, e.verb, e.note) for e in chronicle.since(connection, 0) if e.by]


def test_the_page_says_what_where_since_when_and_whom_to_phone(
    bare: Any, link: Callable[..., str]
) -> None:
    page = bare.get(link()).get_data(as_text=True)
    for said in (
        "Internet Tembokrejo: internet putus",
        "Desa Tembokrejo, Cluring, lewat Telkom",
        "sisa 3 j 00 mnt",
        "batas 19.12 WIB, belum ada yang menangani",
        "Dicatat atas nama Sari",
        "Terganggu sejak 15.12 WIB, sudah 1 jam.",
        "Penyebab: kabel FO putus",
        "Lampu LOS merah?",
        "Telkom",
        'href="tel:147"',
        "Nomor layanan: 152-9",
        "Ruang kendali: Dewi",
        'href="tel:+6281234567"',
        ">Saya tangani</button>",
    ):
        assert said in page
    assert 'lang="id"' in page


def test_of_a_silent_site_the_page_says_no_word_and_asks_for_the_box_first(
    bare: Any, link: Callable[..., str], store: Engine
) -> None:
    silent = {"cause": "", "confidence": 0.0, "details": '{"kind": "silent"}'}
    path = link()
    with writing(store) as connection:
        connection.execute(schema.states.update().values(state="unknown"))
        connection.execute(schema.incidents.update().values(**silent))
    page = bare.get(path).get_data(as_text=True)
    assert "Tidak ada kabar sejak 15.12 WIB" in page and "Terganggu" not in page
    steps = re.findall(r"<p>([^<]+)</p></li>", page)
    assert steps[0] == "Listrik dan kotak Ronda menyala?"


def test_looking_changes_nothing_however_often_bots_look(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    def rows() -> dict[str, list[Any]]:
        with reading(store) as connection:
            tables = schema.metadata.sorted_tables
            return {table.name: list(connection.execute(select(table))) for table in tables}

    before = rows()
    for _ in range(3):
        assert bare.get(link(), headers={"User-Agent": "WhatsApp/2.23"}).status_code == 200
        assert bare.head(link()).status_code == 200
    assert rows() == before


@pytest.mark.slow
def test_the_button_takes_it_and_then_it_is_handled_with_a_note(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    answer = bare.post(link(), data={"incident": number, "do": "take"})
    assert (answer.status_code, answer.location) == (303, link())
    page = bare.get(link()).get_data(as_text=True)
    assert "Tercatat: Anda yang menangani." in page
    assert ">Sudah tertangani</button>" in page
    bare.post(link(), data={"incident": number, "do": "handled", "note": "kabel\ndiganti"})
    page = bare.get(link()).get_data(as_text=True)
    assert "Tercatat: tertangani oleh Sari. Terima kasih." in page
    assert 'value="handled"' not in page
    bare.post(link(), data={"incident": number, "do": "note", "note": "jangan dicabut"})
    assert state(store, number) == incidents.HANDLED
    words = [("taken", ""), ("handled", "kabel diganti"), ("note", "jangan dicabut")]
    assert log(store) == [("Sari", *said) for said in words]


def test_pressing_twice_is_written_down_once(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    for _ in range(3):
        assert bare.post(link(), data={"incident": number, "do": "take"}).status_code == 303
    assert log(store) == [("Sari", "taken", "")]


def test_the_second_person_reads_who_has_it_in_their_own_language(
    bare: Any, link: Callable[..., str], number: int
) -> None:
    bare.post(link(), data={"incident": number, "do": "take"})
    page = bare.get(link(BUDI)).get_data(as_text=True)
    assert "Sari has it." in page
    assert 'lang="en"' in page


@pytest.mark.slow
def test_what_is_over_has_no_button_and_no_first_aid(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    with writing(store) as connection:
        incidents.resolve(connection, number, NOW - 60)
    page = bare.get(link()).get_data(as_text=True)
    assert "Sudah pulih pukul 16.11 WIB. Lama gangguan 59 menit." in page
    assert 'value="take"' not in page
    assert "LOS" not in page
    bare.post(link(), data={"incident": number, "do": "take"})
    assert log(store) == []


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize(
    ("broken", "status", "says"),
    [
        (lambda link: link()[:-1] + ("A" if link()[-1] != "A" else "B") + "x", 403, "tidak utuh"),
        (lambda link: "/t/x", 403, "tidak utuh"),
        (lambda link: "/t/" + "A" * 5000, 403, "tidak utuh"),
        (lambda link: link(WIRA), 403, "tidak utuh"),
        (lambda link: link(replace(SARI, scope=OTHER)), 403, "tidak utuh"),
        (lambda link: link(SARI, 77), 403, "tidak utuh"),
        (lambda link: link(SARI, at=NOW - 9 * 86400), 410, "sudah terlalu lama"),
    ],
    ids=["forged", "short", "without end", "not told", "a namesake", "no such incident", "expired"],
)
def test_a_link_that_is_none_gets_a_plain_page(
    bare: Any,
    link: Callable[..., str],
    store: Engine,
    number: int,
    how: str,
    broken: Callable[[Callable[..., str]], str],
    status: int,
    says: str,
) -> None:
    answer = getattr(bare, how)(broken(link), data={"incident": number, "do": "take"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, says in page) == (status, True)
    assert "Tembokrejo" not in page
    assert state(store, number) == incidents.OPEN


@pytest.mark.parametrize("about", ["", "0", "78", "x", "²", "9" * 400])
def test_a_button_of_another_incident_acts_on_nothing(
    bare: Any, link: Callable[..., str], store: Engine, number: int, about: str
) -> None:
    answer = bare.post(link(), data={"incident": about, "do": "take"})
    assert answer.status_code == 403
    assert "milik gangguan lain" in answer.get_data(as_text=True)
    assert state(store, number) == incidents.OPEN


def test_a_link_of_another_centre_opens_nothing(bare: Any, number: int) -> None:
    path = Maker(b"x" * 32, "http://y").url(number, SARI, NOW).removeprefix("http://y")
    assert bare.get(path).status_code == 403


def test_the_address_is_kept_from_everybody_else(bare: Any, link: Callable[..., str]) -> None:
    for answer in (bare.get(link()), bare.get("/t/x"), bare.post("/t/x")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_whole_page_is_light_and_needs_no_script(bare: Any, link: Callable[..., str]) -> None:
    page = bare.get(link())
    text = page.get_data(as_text=True)
    assert "<script" not in text
    further = [bare.get(path) for path in re.findall(r'"(/static/[^"]+)"', text)]
    assert len(further) == 2
    # what is sent in all, heads too, without packing
    answers = [page, *further]
    assert sum(len(answer.data) + len(str(answer.headers)) for answer in answers) < FULL
    packed = bare.get(link(), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == page.data


STATES = [
    pytest.param({"state": "open"}, id="nobody has it"),
    pytest.param({"state": "acknowledged", "acknowledged_by": "Sari"}, id="in hands"),
    pytest.param({"state": "handled", "handled_at": NOW}, id="handled"),
    pytest.param({"state": "resolved", "resolved_at": NOW}, id="over"),
    pytest.param({"subject": "device", "cause": ""}, id="a device"),
    pytest.param({"subject": "uplink", "cause": "", "title": "D" * 200}, id="with drawings"),
]


@pytest.mark.parametrize("values", STATES)
@pytest.mark.parametrize("person", [SARI, BUDI], ids=["id", "en"])
def test_it_is_light_in_every_state_and_language(
    bare: Any, link: Callable[..., str], store: Engine, values: dict[str, Any], person: Contact
) -> None:
    with writing(store) as connection:
        connection.execute(schema.incidents.update().values(values))
    page = bare.get(link(person))
    further = [bare.get(path) for path in re.findall(r'"(/static/[^"]+)"', page.text)]
    answers = [page, *further]
    assert sum(len(answer.data) + len(str(answer.headers)) for answer in answers) < FULL
    packed = [page.request.path, *(answer.request.full_path for answer in further)]
    small = [bare.get(path, headers={"Accept-Encoding": "gzip"}) for path in packed]
    assert sum(len(answer.data) + len(str(answer.headers)) for answer in small) < FULL / 2


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG")
    return out.getvalue()


def send(bare: Any, path: str, about: object, body: bytes) -> Any:
    sent = {"incident": str(about), "photo": (io.BytesIO(body), "kabel.jpg")}
    return bare.post(f"{path}/photo", data=sent)


def photos_of(store: Engine, number: int) -> list[str]:
    with reading(store) as connection:
        return [one.by for one in photos.of(connection, number)]


def test_a_photo_of_the_cable_is_kept_in_the_name_of_whom_the_link_is_for(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    bare.post(link(), data={"incident": number, "do": "take"})
    assert "Foto kabel" in bare.get(link()).text
    answer = send(bare, link(), number, jpeg())
    assert answer.status_code == 303
    assert "Foto tersimpan" in bare.get(answer.location).text
    assert photos_of(store, number) == ["Sari"]


def test_no_photo_is_asked_for_when_there_are_enough(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    bare.post(link(), data={"incident": number, "do": "take"})
    for _ in range(photos.MOST_OF_ONE + 1):
        answer = send(bare, link(), number, jpeg())
    assert "sudah cukup banyak" in bare.get(answer.location).text
    assert "Foto kabel" not in bare.get(link()).text
    assert len(photos_of(store, number)) == photos.MOST_OF_ONE


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "Belum ada foto"), (b"%PDF-1.7", "Hanya foto JPEG"), (jpeg()[:90], "tidak utuh")],
    ids=["none", "a PDF", "half of one"],
)
def test_what_is_no_photo_is_said(
    bare: Any, link: Callable[..., str], store: Engine, number: int, body: bytes, says: str
) -> None:
    answer = send(bare, link(), number, body)
    assert says in bare.get(answer.location).text
    assert photos_of(store, number) == []


@pytest.mark.parametrize(
    ("path", "about", "status"),
    [
        (lambda link: "/t/x", 1, 403),
        (lambda link: link(WIRA), 1, 403),
        (lambda link: link(SARI, at=NOW - 9 * 86400), 1, 410),
        (lambda link: link(), 2, 403),
        (lambda link: link(), "", 403),
    ],
    ids=["forged", "not told", "expired", "another incident", "none"],
)
def test_a_link_that_is_none_brings_no_photo(
    bare: Any,
    link: Callable[..., str],
    store: Engine,
    number: int,
    path: Callable[[Callable[..., str]], str],
    about: object,
    status: int,
) -> None:
    assert send(bare, path(link), about, jpeg()).status_code == status
    assert photos_of(store, number) == []


def test_a_link_grows_old_while_the_page_lies_open(
    bare: Any, link: Callable[..., str], clock: Clock, number: int, store: Engine
) -> None:
    path = link()
    assert bare.get(path).status_code == 200
    clock.now = NOW + 8 * 86400
    assert bare.post(path, data={"incident": number, "do": "take"}).status_code == 410
    assert state(store, number) == incidents.OPEN


def test_an_incident_of_many_sites_has_its_page_too(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    with writing(store) as connection:
        table = schema.incidents
        connection.execute(table.update().values(site="", title="37 desa, Telkom"))
    page = bare.get(link()).get_data(as_text=True)
    assert "37 desa, Telkom" in page
    assert ">Saya tangani</button>" in page


def test_what_breaks_on_our_side_is_logged_without_the_link(
    bare: Any, link: Callable[..., str], store: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with writing(store) as connection:
        connection.execute(schema.incidents.update().values(evidence="no JSON"))
    assert bare.get(link()).status_code == 500
    assert "page /t/<token>" in caplog.text
    assert link() not in caplog.text


def test_an_application_is_told_as_in_its_message_and_sends_nobody_to_the_provider(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    details = {"kind": "opensid", "reason": "Koneksi Database Gagal", "told": {"message": "app"}}
    values = {"key": f"check:{SITE}/opensid", "subject": "service", "cause": ""}
    with writing(store) as connection:
        told = values | {"details": json.dumps(details)}
        connection.execute(schema.incidents.update().values(**told))
        connection.execute(schema.states.update().values(state="normal"))
    page = bare.get(link()).text
    assert "<p>Koneksi Database Gagal. Internet normal.</p>" in page
    assert "Ruang kendali: Dewi" in page
    for line_advice in ('href="tel:147"', "PLN", "LOS"):
        assert line_advice not in page


def test_a_recovery_is_answered_by_yes_or_by_another_cause(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    with writing(store) as connection:
        incidents.resolve(connection, number, NOW - 60)
    assert "Ya, memang: kabel FO putus" in bare.get(link()).text
    answer = bare.post(link(), data=word(number, "fiber"))
    assert (answer.status_code, answer.location) == (303, f"{link()}?cause=done")
    assert "Tercatat. Terima kasih." in bare.get(answer.location).text
    # who changes their mind may; another of the village does not undo it
    bare.post(link(), data=word(number, "power"))
    bare.post(link(BUDI), data=word(number, "wifi", "power"))
    assert 'name="cause"' not in bare.get(link(BUDI)).text
    with reading(store) as connection:
        found = incidents.find(connection, number)
    assert found is not None
    assert (found.cause, found.confidence) == ("power", 1.0)
    assert found.details["corrected"]["guess"]["cause"] == "fiber"


def word(number: int, cause: str, was: str = "fiber") -> dict[str, Any]:
    return {"incident": number, "do": "cause", "cause": cause, "was": was}


def test_a_cause_that_is_none_or_too_early_changes_nothing(
    bare: Any, link: Callable[..., str], store: Engine, number: int
) -> None:
    assert bare.post(link(), data=word(number, "power")).location.endswith("cause=changed")
    with writing(store) as connection:
        incidents.resolve(connection, number, NOW - 60)
    assert bare.post(link(), data=word(number, "x")).location.endswith("cause=list")
    assert log(store) == []
