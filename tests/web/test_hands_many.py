"""A fault of many sites: whom to phone, for the control room and for each village."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from agent.strict import Refused
from alerts import afterwards, chronicle, incidents, isp, links, members
from alerts.faults import SERVICE
from alerts.hands import What
from collector import schema
from collector.db import reading, writing
from collector.inventory import Contact
from collector.settings import Settings
from tests.web.conftest import NOW, OTHER, SITE, Regency, Visitor

THIRD = "35.10.12.2007"
SARI = Contact(SITE, "Sari", "village", 1, "id", "", "", "", "", "http://sari/")
DEWI = Contact("*", "Dewi", "noc", 1, "id", "", "", "+6281234567", "", "http://dewi/")
SERVING = [("webhook", "webhook")]
FULL = 14 * 1024


@pytest.fixture
def number(regency: Regency) -> int:
    """A POP with three villages of one provider: Sari heard of hers, Dewi of all."""
    names = {SITE: "Tembokrejo", OTHER: "Benculuk", THIRD: "Genteng"}
    for code, name in names.items():
        regency.site(code, name, "unknown", isp="Telkom")
    for person in (SARI, DEWI):
        told = {"webhook": person.webhook, "sms": person.sms, "language": "id"}
        regency.contact(person.scope, person.name, person.role, **told)
    regency.contact("isp:Telkom", "Meja Telkom", "isp", webhook="http://telkom/")
    parent = {"parent_kind": "upstream", "parent": "POP Genteng", "cause": "isp"}
    made = regency.incident("POP Genteng", sites=list(names), confidence=0.8, **parent)
    heard = {"Sari": [SITE], "Dewi": list(names)}
    with writing(regency.store) as connection:
        for at, code in enumerate(names):
            connection.execute(insert(schema.uplinks).values(**line(code, f"152-{at}")))
        for person in (SARI, DEWI):
            notice = {"incident": made, "news": "opened", "person": person.name, "state": "sent"}
            notice |= {"channel": "webhook", "target": person.webhook, "next_try": NOW}
            notice |= {"body": json.dumps({"sites": heard[person.name]}), "created_at": NOW}
            connection.execute(insert(schema.notices).values(**notice))
    return made


def line(site: str, service_no: str) -> dict[str, str]:
    provider = {"isp": "Telkom", "isp_phone": "147", "service_no": service_no}
    return {"site": site, "name": "main"} | provider


@pytest.fixture
def opened(
    settings: Settings, number: int, visitor: Callable[[], Visitor]
) -> Callable[[Contact], Any]:
    """The page behind the link that a person got."""
    maker, phone = links.maker(replace(settings, public_url="https://noc.id")), visitor().client

    def see(person: Contact) -> Any:
        answer = phone.get(maker.url(number, person, NOW).removeprefix("https://noc.id"))
        further = [phone.get(path) for path in re.findall(r'"(/static/[^"]+)"', answer.text)]
        answers = [answer, *further]
        assert sum(len(one.data) + len(str(one.headers)) for one in answers) < FULL
        return answer.text

    return see


def test_a_village_reads_its_own_name_and_waits_for_the_control_room(
    opened: Callable[[Contact], Any],
) -> None:
    page = opened(SARI)
    for said in (
        "POP Genteng",
        "Desa Tembokrejo, Cluring, lewat Telkom",
        "Ruang kendali: Dewi",
    ):
        assert said in page
    for not_theirs in ("Benculuk", "152-", "tel:147", "tel:123", "Yang disampaikan ke ISP"):
        assert not_theirs not in page


def test_the_control_room_reads_whom_to_phone_for_how_many_lines_and_what_to_say(
    opened: Callable[[Contact], Any], number: int, signed_in: Callable[..., Visitor]
) -> None:
    draft = "Internet POP Genteng (3 desa), nomor layanan 152-0, 152-1, 152-2, putus sejak"
    page = opened(DEWI)
    for said in ("Telkom. 3 jalur", 'href="tel:147"', draft):
        assert said in page
    console = signed_in("noc").page(f"/incidents/{number}")
    for said in ('href="tel:147">147</a>, 3 jalur', "152-0, 152-1, 152-2", draft):
        assert said in console


def test_a_blackout_is_plns_and_nobodys_else(
    opened: Callable[[Contact], Any],
    store: Engine,
    number: int,
    signed_in: Callable[..., Visitor],
) -> None:
    with writing(store) as connection:
        change = {"cause": "power", "confidence": 0.9, "parent_kind": "feeder"}
        incidents.change(connection, number, incidents.UNRESOLVED, **change)
    for page in (opened(DEWI), opened(SARI), signed_in("noc").page(f"/incidents/{number}")):
        assert 'href="tel:123"' in page
        assert "tel:147" not in page and "Yang disampaikan ke ISP" not in page
    asked, looked = opened(DEWI), opened(SARI)
    assert "<ol" not in asked, "nobody there can do anything"
    assert "Listrik" in looked.partition("<ol")[2]


def test_the_provider_of_many_lines_gets_one_letter(
    store: Engine, settings: Settings, number: int
) -> None:
    with reading(store) as connection:
        found = incidents.find(connection, number)
        assert found is not None
        facts, contacts = isp.facts_of(connection, found, settings, NOW)
    letter = isp.letter(facts, found.subject, contacts, "en")
    assert (letter.phone, letter.lacks, letter.why) == ("147", (), isp.Why.THEIRS)
    assert "The internet of POP Genteng (3 villages)" in letter.text.replace(": the", ": The")
    assert "Service 152-0, 152-1, 152-2." in letter.sms
    assert [one.person for one in isp.drafts(facts, contacts, SERVING)] == ["Meja Telkom"]


def test_lines_of_several_providers_have_no_one_letter_and_it_says_whom_to_phone(
    store: Engine,
    settings: Settings,
    number: int,
    opened: Callable[[Contact], Any],
) -> None:
    with writing(store) as connection:
        table = schema.uplinks
        other = table.update().where(table.c.site == THIRD)
        connection.execute(other.values(isp="Icon", isp_phone="150"))
        found = incidents.find(connection, number)
        assert found is not None
        said = r"several providers: phone Telkom 147, Icon 150"
        with pytest.raises(Refused, match=said):
            isp.facts_of(connection, found, settings, NOW)
    page = opened(DEWI)
    for said in ("Telkom. 2 jalur", "Icon. 1 jalur", 'href="tel:150"'):
        assert said in page
    assert "Yang disampaikan ke ISP" not in page


def test_a_villages_word_about_the_cause_of_many_is_written_down_and_decides_nothing(
    store: Engine, number: int
) -> None:
    with writing(store) as connection:
        incidents.resolve(connection, number, NOW)
        said = afterwards.say(connection, number, "power", "isp", "lewat tautan", SARI, NOW)
        found = incidents.find(connection, number)
        (line,) = [one for one in chronicle.since(connection, 0) if one.by]
        assert (said, line.by, line.note) == (What.DONE, "Sari", "listrik padam: lewat tautan")
        assert found is not None
        assert found.cause == "isp"
        afterwards.say(connection, number, "power", "isp", "lewat tautan", DEWI, NOW)
        found = incidents.find(connection, number)
        assert found is not None
        assert found.cause == "power"


def test_a_village_that_is_back_reads_so_and_one_that_is_not_reads_so(
    opened: Callable[[Contact], Any], store: Engine, number: int
) -> None:
    with writing(store) as connection:
        members.mark(connection, [(number, f"uplink:{OTHER}", NOW - 60, False)])
    assert "Tidak melapor" in opened(SARI), "others are back"
    with writing(store) as connection:
        members.mark(connection, [(number, f"uplink:{SITE}", NOW - 60, False)])
    page = opened(SARI)
    for said in ("</svg>Kembali, diamati", "Di sini sudah berfungsi lagi dan masih diamati."):
        assert said in page
    for not_so in ("Tidak melapor", "tunggu kabar", "Tidak ada kabar sejak"):
        assert not_so not in page
    assert "Tidak melapor" in opened(DEWI), "the third is not back"


def test_who_is_of_no_village_phones_the_one_whose_own_server_it_is(
    opened: Callable[[Contact], Any], store: Engine, number: int
) -> None:
    with writing(store) as connection:
        connection.execute(schema.members.update().values(site=SITE))
        connection.execute(schema.contacts.update().values(sms="+6281111"))
        server = {"parent_kind": SERVICE, "parent": f"server@{SITE}", "subject": "service"}
        incidents.change(connection, number, incidents.UNRESOLVED, **server, cause="")
    page = opened(DEWI)
    assert "Desa: Sari" in page and 'href="tel:+6281111"' in page
    assert "Desa Tembokrejo, Cluring" in page and "tel:147" not in page
