"""Whom somebody elsewhere may phone: who mends it, and who in the village knows of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts import quiet
from alerts.channels import NotifyFailed
from alerts.escalation import DEADLINE
from alerts.incidents import Incident
from alerts.message import MOST_CHARS, VALUE_CHARS, render, sms
from alerts.quiet import Heard, Quiet, Why
from alerts.recipients import Reached
from alerts.responsible import ISP, PLN, parties
from alerts.villagers import Villagers
from alerts.whom import There, of_village
from alerts.words import LANGUAGES
from collector.db import writing
from collector.inventory import Contact
from collector.inventory.keeping import put
from collector.printable import called
from tests.alerts.test_message import FACTS
from tests.alerts.test_wording import ALONE
from tests.alerts.village import CODE, NINE, RULE, Inbox, Village, contact, village

LINE = replace(ALONE, key=f"site:{CODE}", subject="uplink", confidence=0.0)
SLOW = replace(LINE, key="UplinkSlow|1")
FEEDER = replace(
    LINE,
    key="parent:feeder:Penyulang 1",
    parent_kind="feeder",
    parent="Penyulang 1",
    confidence=0.6,
)
SURE: dict[str, Any] = {"confidence": 0.9}


@pytest.mark.parametrize(
    ("incident", "called"),
    [
        pytest.param(replace(LINE, cause="power", **SURE), (PLN,), id="a blackout"),
        pytest.param(replace(LINE, cause="isp", **SURE), (ISP,), id="a POP"),
        pytest.param(replace(LINE, cause="suspended", **SURE), (ISP,), id="an unpaid bill"),
        pytest.param(replace(LINE, cause="device", **SURE), (), id="a router of the village"),
        pytest.param(replace(LINE, cause="power", confidence=0.5), (PLN, ISP), id="power, likely"),
        pytest.param(LINE, (ISP, PLN), id="nobody knows"),
        pytest.param(FEEDER, (PLN,), id="a feeder"),
        pytest.param(replace(FEEDER, cause="power"), (PLN,), id="a feeder, power likely"),
        pytest.param(replace(FEEDER, cause="isp"), (ISP, PLN), id="a feeder, its provider likely"),
        pytest.param(replace(SLOW, subject="power"), (PLN,), id="a UPS on its battery"),
        pytest.param(SLOW, (ISP,), id="a slow line: whoever tells of it has power"),
        pytest.param(
            replace(SLOW, cause="power", confidence=0.5), (ISP,), id="and whatever is likely"
        ),
        pytest.param(
            replace(LINE, cause="suspended"), (ISP,), id="a page of a bill: so has who sees it"
        ),
        pytest.param(replace(LINE, subject="service", cause="app"), (), id="an application"),
    ],
)
def test_who_mends_it_is_called_first(incident: Incident, called: tuple[str, ...]) -> None:
    assert parties(incident) == called


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    line = {"site": CODE, "name": "main", "isp": "Telkom", "isp_phone": "147"}
    people = [
        contact("Sari", whatsapp="+6281230000001"),
        contact("Adi", order=2, whatsapp="+6281230000002"),
        contact("noc", scope="*", role="noc"),
    ]
    with village(tmp_path, *people) as made:
        with writing(made.store) as connection:
            put(connection, "uplinks", [{**line, "service_no": "152201"}], NINE, "test")
        yield made


def heard(here: Village, person: str) -> list[str]:
    return [m["text"] for _, m in here.inbox.got if m["person"] == person]


@pytest.mark.slow
def test_the_control_room_hears_whom_to_phone_and_not_what_to_look_at(here: Village) -> None:
    here.be("normal", NINE - 3600)
    here.step(NINE - 60)
    here.be("unknown", NINE, reason="silent", cause="fiber", confidence=0.8)
    for later in range(12):
        here.step(NINE + 2 + later)
    (seen,) = heard(here, "noc")
    assert seen.splitlines()[:2] == [
        "TIDAK ADA KABAR: Desa Benculuk tidak melapor sejak 09.15 WIB. Belum tentu putus.",
        "Dugaan: kabel FO putus. Di desa dikirimi pesan: Sari +6281230000001."
        " Kontak: Telkom 147 (nomor layanan 152201).",
    ]
    assert "Cek dulu" in heard(here, "Sari")[0]
    brief = next(m["sms"] for _, m in here.inbox.got if m["person"] == "noc")
    assert "Desa: Sari +6281230000001." in brief and len(brief) <= 160


@pytest.mark.slow
def test_the_warning_before_the_limit_says_what_is_broken(here: Village) -> None:
    here.say("bad", NINE, "HTTP 502 instead of 200")
    here.step(NINE + 1)
    here.step(NINE + 11_800)
    (warned,) = [text for text in heard(here, "noc") if text.startswith("TENGGAT")]
    assert warned.splitlines()[1] == (
        "APLIKASI: sideka Desa Benculuk tidak bisa dibuka sejak 09.15 WIB"
        " (HTTP 502, seharusnya 200). Internet normal."
    )


@pytest.mark.slow
def test_whom_nothing_reached_is_to_be_phoned(here: Village) -> None:
    refuses = Inbox(*[NotifyFailed("no such number", permanent=True)] * 2)
    here.floor({"whatsapp": refuses, "webhook": here.inbox})
    with writing(here.store) as connection:
        people = [{"scope": CODE, "name": name, "webhook": ""} for name in ("Sari", "Adi")]
        people += [contact("camat", scope="35.10.12", role="district")]
        put(connection, "contacts", people, NINE, "test")
    here.say("bad", NINE, "HTTP 502 instead of 200")
    here.step(NINE + 1)
    assert "Di desa dikirimi pesan: Sari +6281230000001." in heard(here, "noc")[0]
    for later in (901, 3700):
        here.step(NINE + later)
    (said,) = heard(here, "camat")
    assert "telepon Sari +6281230000001." in said


@pytest.mark.slow
def test_who_hears_at_the_same_hour_knows_by_then(here: Village) -> None:
    noon = NINE + 9900
    with writing(here.store) as connection:
        for scope, name in ((CODE, "Sari"), ("*", "noc")):
            quiet.put(connection, Quiet(scope, name, "09:00", "12:00"), NINE, "test")
    here.rules.labels = RULE | {"severity": "warning"}
    here.say("bad", NINE, "HTTP 502 instead of 200")
    here.step(NINE + 1)
    assert heard(here, "noc") == []
    here.step(noon)
    assert "Di desa dikirimi pesan: Sari +6281230000001" in heard(here, "noc")[0]


SARI, ADI = (
    Contact(CODE, name, "village", order, "id", number, "", "", "", "")
    for name, order, number in (
        ("Sari Dewi Kusumawardhani Ningrum", 1, "+6281230000001"),
        ("Adi Wicaksono Hadiningrat Putra", 2, "+6281230000002"),
    )
)
WHATSAPP = (("whatsapp", "whatsapp"),)
OF_SARI = (SARI.name, "whatsapp", SARI.whatsapp)


@pytest.mark.parametrize(
    ("hearing", "reached", "at", "there"),
    [
        pytest.param([Heard(SARI, NINE, Why.AWAKE)], Reached(), NINE, "w", id="hears now"),
        pytest.param([Heard(SARI, NINE + 9, Why.ASLEEP)], Reached(), NINE, "u", id="sleeps"),
        pytest.param([Heard(SARI, NINE + 9, Why.ASLEEP)], Reached(), NINE + 9, "w", id="by then"),
        pytest.param([], Reached(sent=frozenset({OF_SARI})), NINE, "t", id="was reached"),
        pytest.param([], Reached(waits={OF_SARI: 0.0}), NINE, "w", id="is on its way"),
        pytest.param([], Reached(waits={OF_SARI: NINE + 9}), NINE, "u", id="still sleeps"),
        pytest.param(
            [],
            Reached(waits={OF_SARI: 0.0}, missed=frozenset({(SARI.name, "phone", SARI.whatsapp)})),
            NINE,
            "u",
            id="tried again, and somebody is to phone",
        ),
    ],
)
def test_who_knows_by_the_time_it_is_read(
    hearing: list[Heard], reached: Reached, at: float, there: str
) -> None:
    found = Villagers([SARI], WHATSAPP, hearing, reached).at(at)
    assert found == There(*[[SARI] if kind == there else [] for kind in "twu"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_is_whole_however_long_the_names_are(language: str) -> None:
    village = of_village(There([SARI, ADI]), language)
    assert len(village["village"]) <= VALUE_CHARS and SARI.whatsapp in village["village"]
    assert village["told"] == f"{called(SARI.name)} {SARI.whatsapp}", "an SMS has room for one"
    short = replace(SARI, name="Sari")
    assert ADI.whatsapp in of_village(There([short, ADI]), language)["village"]


def test_the_warning_of_many_says_where_and_has_its_link_once() -> None:
    more = {"short": "POP-Genteng", "members": "30", "deadline": "13.15 WIB", "lasted": "3 jam"}
    told = replace(FACTS, more=more, link="https://noc.id/t/x", replies=True)
    short = sms("opened", told, "id", "mass", "", DEADLINE)
    assert short.startswith("TENGGAT 13.15 WIB: MASSAL POP-Genteng: 30 desa") and len(short) <= 160
    assert render("opened", told, "id", "mass", "", DEADLINE).count(told.link) == 1
    assert told.link in render("opened", told, "id", "mass").splitlines()


@pytest.mark.slow
def test_services_that_fall_with_their_villages_own_server_are_told_as_one_fault(
    here: Village,
) -> None:
    names = [f"app{n}" for n in range(4)]
    row = {"site": CODE, "scope": "desa", "kind": "http", "target": "http://x/"}
    with writing(here.store) as connection:
        rows = [{**row, "name": name, "depends_on": "server"} for name in names]
        put(connection, "services", [{**row, "name": "server"}, *rows], NINE, "test")
    for name in names:
        here.say("bad", NINE, check=name)
    for later in range(12):
        here.step(NINE + 1 + later)
    assert [one.parent for one in here.incidents()] == [f"server@{CODE}"]
    (said,) = heard(here, "noc")
    assert said.startswith("APLIKASI: app0") and "dikirimi pesan: Sari +6281230000001." in said
    for name in names:
        here.say("good", NINE + 600, check=name)
    for later in range(70):
        here.step(NINE + 601 + later)
    assert heard(here, "noc")[1].startswith("PULIH: server Desa Benculuk normal lagi")
    assert "PULIH: server Desa Benculuk" in heard(here, "Sari")[1]


def test_a_rules_own_words_stand_whole_in_what_is_told_elsewhere() -> None:
    own = "Pompa [air] {mati}\nTelepon Pak Darmo."
    text = render("opened", FACTS, "id", "app", own, "elsewhere")
    assert text == "Pompa [air] {mati} Telepon Pak Darmo.\n#12"
    more = {"told": "Sari +6281230000001", "lasted": "3 jam", "deadline": "13.15"}
    told = replace(FACTS, more=more, link="https://noc.id/t/x")
    for within in ("elsewhere", DEADLINE):
        text = render("opened", told, "id", "app", own * 20, within)
        assert len(text) <= MOST_CHARS and text.endswith("#12")
        assert len(sms("opened", told, "id", "app", own * 20, within)) <= 160


@pytest.mark.parametrize(("cause", "asked"), [("isp", "Benar? Ya"), ("", "Apa penyebabnya?")])
def test_an_end_asks_whether_the_cause_is_right_only_where_it_names_one(
    cause: str, asked: str
) -> None:
    told = replace(FACTS, cause=cause, link="https://noc.id/t/x", resolved_at=NINE + 60)
    text = render("resolved", told, "id")
    assert asked in text and text.count("https://noc.id/t/x") == 1
    assert ("Penyebab:" in text) == bool(cause)
