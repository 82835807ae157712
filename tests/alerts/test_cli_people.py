"""`ronda mutes`, `windows`, `duty`, `quiet` and what is done with incidents: rows, acts, words."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent.strict import Refused
from alerts import chronicle, handover, hands, mutes, notices, windows
from alerts.channels import hooks
from alerts.hands import What
from alerts.incidents import HANDLED
from alerts.planned import Window
from collector import inventory, schema
from collector.db import reading, writing
from collector.inventory.keeping import put
from collector.secret import load_secret
from tests.alerts.test_cli import ronda
from tests.alerts.village import CODE, NINE, Village, contact, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    people = [contact("sari"), contact("budi", order=2), contact("joko", role="noc", sms="+628111")]
    with village(tmp_path, *people) as made:
        yield made


@pytest.fixture
def both(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        yield made


Told = Callable[[], Any]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return lambda: json.loads(capsys.readouterr().out)


def acts(here: Village) -> list[tuple[str, str, str]]:
    with reading(here.store) as connection:
        rows = connection.execute(select(schema.acts).order_by(schema.acts.c.id))
        return [(row.by, row.verb, row.subject) for row in rows if row.verb != "inventory"]


def test_a_mute_is_written_listed_and_lifted_once(here: Village, told: Told) -> None:
    add = ("mutes", "add", f"site:{CODE}", "--for", "4h", "--why", "naik tiang", "--by", "Dewi")
    assert ronda(here, *add, "--json") == 0
    assert told()["id"] == 1
    assert ronda(here, "mutes", "list", "--json") == 0
    (row,) = told()
    assert (row["scope"], row["by"], row["why"], row["state"]) == (
        f"site:{CODE}",
        "Dewi",
        "naik tiang",
        "in force",
    )
    assert ronda(here, "mutes", "lift", "1", "--by", "Joko") == 0
    assert ronda(here, "mutes", "lift", "1", "--by", "Joko") == 1
    assert acts(here) == [("Dewi", "mute", f"site:{CODE}"), ("Joko", "mute_end", "mute:1")]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("mutes", "add", "desa:x", "--for", "4h", "--why", "x"), "scope: expected"),
        (("mutes", "add", "area:35", "--for", "8d", "--why", "x"), "for: a mute lasts"),
        (("mutes", "add", "area:35", "--for", "0h", "--why", "x"), "for: a mute lasts"),
        (("mutes", "add", "area:35", "--for", "besok", "--why", "x"), "for: expected 30m"),
        (("mutes", "add", "area:35", "--for", "4h", "--why", " "), "why: say why"),
        (("duty", "set", CODE, "wira"), "person: 'wira' is no contact"),
        (("duty", "set", "*", "sari"), "person: 'sari' is no contact"),
        (("duty", "set", CODE, "sari", "--days", "9"), "days: expected"),
        (("quiet", "set", CODE, "wira", "--from", "22", "--to", "5"), "begins: expected"),
        (("quiet", "set", CODE, "wira", "--from", "22:00", "--to", "5:00"), "person: 'wira' is"),
        (("incidents", "handover", "--hours", "0"), "hours: must be"),
        (("incidents", "handover", "--hours", "nan"), "hours: must be"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else words,
)
def test_what_cannot_be_is_refused_by_name(
    here: Village, words: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        ronda(here, *words)


def test_planned_work_is_in_the_zone_of_its_scope(here: Village, told: Told) -> None:
    words = ("--title", "ganti UPS", "--begins", "2099-01-05T22:00", "--minutes", "90", "--json")
    assert ronda(here, "windows", "add", "area:94.01", *words) == 0
    assert told() == {"id": 1, "begins": "2099-01-05T13:00:00Z", "ends": "2099-01-05T14:30:00Z"}
    assert ronda(here, "windows", "list", "--json") == 0
    (row,) = told()
    assert (row["zone"], row["state"], row["next"]) == (
        "Asia/Jayapura",
        "to come",
        "2099-01-05T13:00:00Z",
    )
    assert ronda(here, "windows", "cancel", "1") == 0
    assert ronda(here, "windows", "cancel", "1") == 1


def test_planned_work_of_no_place_is_in_the_zone_of_the_control_room(
    here: Village, told: Told
) -> None:
    words = ("--title", "x", "--begins", "2099-01-05T22:00", "--minutes", "90", "--json")
    assert ronda(here, "windows", "add", "incident:8123", *words) == 0
    assert told()["begins"] == "2099-01-05T15:00:00Z"


def test_work_that_is_over_before_it_is_planned_is_refused(here: Village) -> None:
    words = ("--title", "x", "--begins", "2020-01-05T22:00", "--minutes", "90")
    with pytest.raises(Refused, match="begins: all of it is in the past"):
        ronda(here, "windows", "add", "area:35", *words)


def test_the_rota_says_who_is_on_duty_now(here: Village, told: Told) -> None:
    assert ronda(here, "duty", "set", CODE, "budi", "--json") == 0
    assert told()["id"] == 1
    ronda(here, "duty", "list", "--json")
    assert [(row["person"], row["on_duty"]) for row in told()] == [("budi", True)]
    assert ronda(here, "duty", "drop", "1") == 0
    assert ronda(here, "duty", "drop", "1") == 1


@pytest.mark.slow
def test_quiet_hours_are_set_and_lifted(here: Village, told: Told) -> None:
    words = ("--from", "22:00", "--to", "05:00")
    assert ronda(here, "quiet", "set", CODE, "sari", *words) == 0
    assert ronda(here, "quiet", "set", CODE, "sari", *words, "--spares", "warning") == 0
    told_of = acts(here)
    assert [verb for _, verb, _ in told_of] == ["quiet", "quiet"]
    assert ronda(here, "quiet", "lift", CODE, "sari") == 0
    assert ronda(here, "quiet", "lift", CODE, "sari") == 1


def a_window(**more: Any) -> Window:
    values = {"scope": "area:35.10", "title": "ganti UPS", "mode": "skip", "by": "Dewi"}
    values |= {"begins": "2025-11-24T09:00", "minutes": 120, "id": 0}
    return Window(**{**values, **more})


def test_the_fold_is_told_once_of_sites_in_maintenance_and_of_the_end(both: Village) -> None:
    subjects = []

    def written() -> list[dict[str, Any]]:
        with reading(both.store) as connection:
            query = select(schema.acts).order_by(schema.acts.c.id)
            rows = [row for row in connection.execute(query) if row.verb == "maintenance"]
            subjects[:] = [row.subject for row in rows]
            return [json.loads(row.body) for row in rows]

    with writing(both.store) as connection:
        number = windows.add(connection, a_window(repeats="daily"), NINE)
        sites = inventory.sites(connection)
        assert [windows.write_due(connection, sites, NINE) for _ in range(2)] == [1, 0]
    begun = NINE - 900
    told = {"sites": [CODE], "since": begun, "until": begun + 7200, "why": "ganti UPS"}
    assert written() == [told]
    with writing(both.store) as connection:
        assert windows.write_due(connection, sites, NINE + 86400) == 1
        assert windows.cancel(connection, number, "Dewi", NINE + 86500)
        assert windows.write_due(connection, sites, NINE + 86600) == 0
    again = {**told, "since": begun + 86400, "until": begun + 86400 + 7200}
    assert written()[1:] == [again, {**again, "until": NINE + 86500}]
    first, second, ended = subjects
    assert first != second == ended == f"window:1/{begun + 86400:.0f}"


def test_only_one_of_two_lifts_a_mute(both: Village) -> None:
    with writing(both.store) as connection:
        number = mutes.add(connection, "area:35", "x", "Dewi", NINE, NINE + 60)
        assert mutes.lift(connection, number, "Joko", NINE + 1)
        assert not mutes.lift(connection, number, "Dewi", NINE + 1)
        assert mutes.in_force(connection, NINE + 2) == []
        late = mutes.add(connection, "area:35", "x", "Dewi", NINE, NINE + 60)
        assert not mutes.lift(connection, late, "Joko", NINE + 60)


def opened(here: Village, check: str = "sideka") -> int:
    here.say("bad", NINE, "HTTP 502 instead of 200", check=check)
    here.step(NINE + 1)
    return int(here.incidents()[-1].id)


@pytest.mark.slow
def test_an_incident_is_taken_handled_and_noted_each_once(both: Village) -> None:
    number = opened(both)
    with writing(both.store) as connection:
        story = [
            hands.take(connection, number, "Sari", NINE + 10),
            hands.take(connection, number, "Sari", NINE + 11),
            hands.take(connection, number, "Budi", NINE + 12),
            hands.handled(connection, number, "Budi", NINE + 20, "kabel\ndiganti"),
            hands.handled(connection, number, "Sari", NINE + 21),
            hands.take(connection, number, "Sari", NINE + 22),
        ]
        log = [line for line in chronicle.since(connection, 0) if line.by]
    assert [one.what for one in story] == [
        What.DONE,
        What.AGAIN,
        What.OTHERS,
        What.DONE,
        What.HANDLED,
        What.HANDLED,
    ]
    assert (story[2].by, story[2].at) == ("Sari", NINE + 10)
    assert [(e.by, e.verb, e.note) for e in log] == [
        ("Sari", hands.TAKEN, ""),
        ("Budi", hands.HANDLED, "kabel diganti"),
    ]
    (row,) = both.incidents()
    assert (row.state, row.handled_at) == (HANDLED, NINE + 20)
    both.say("good", NINE + 100)
    both.step(NINE + 101)
    assert both.incidents()[0].state == "resolved"
    with writing(both.store) as connection:
        assert hands.take(connection, number, "Sari", NINE + 200).what is What.OVER
        assert hands.take(connection, 99, "Sari", NINE + 200).what is What.MISSING


def test_who_handles_what_nobody_had_had_it(both: Village) -> None:
    number = opened(both)
    with writing(both.store) as connection:
        assert hands.handled(connection, number, "Sari", NINE + 10).what is What.DONE
        assert [e.verb for e in chronicle.since(connection, 0) if e.by] == [
            hands.TAKEN,
            hands.HANDLED,
        ]


@pytest.mark.slow
def test_the_provider_is_told_only_when_somebody_says_so(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    number = str(opened(here))
    line = {
        "site": CODE,
        "name": "main",
        "isp": "Telkom",
        "service_no": "152-900",
        "isp_phone": "147",
    }
    desk = contact("NOC Telkom", scope="isp:Telkom", role="isp")
    with writing(here.store) as connection:
        put(connection, "uplinks", [line], NINE, "test")
        put(connection, "contacts", [desk], NINE, "test")
        put(
            connection, "sites", [{"code": CODE, "name": "Benculuk", "isp": "Telkom"}], NINE, "test"
        )
        connection.execute(schema.incidents.update().values(subject="uplink", cause="fiber"))
    assert ronda(here, "incidents", "isp", number) == 0
    said = capsys.readouterr().out
    assert "Internet Desa Benculuk, nomor layanan 152-900, putus sejak" in said
    assert "Dugaan: kabel FO putus. Mohon diperiksa" in said
    assert "Kontak: NOC +628111." in said
    assert "(the cause is the provider's)" in said
    before = len(here.notices())
    assert ronda(here, "incidents", "isp", number, "--send", "--by", "Dewi") == 0
    assert "queued to 1" in capsys.readouterr().out
    (notice,) = here.notices()[before:]
    assert (notice.person, notice.news, notice.target) == ("NOC Telkom", "isp", desk["webhook"])
    here.deliver(time.time())
    assert here.notices()[-1].state == notices.SENT


def test_without_a_contact_of_the_provider_nothing_is_sent(here: Village) -> None:
    assert ronda(here, "incidents", "isp", str(opened(here)), "--send") == 1
    assert ronda(here, "incidents", "isp", "99") == 1


@pytest.mark.slow
def test_a_handover_says_what_is_open_done_and_to_be_watched(here: Village) -> None:
    first, second = opened(here), opened(here, "web")
    with writing(here.store) as connection:
        hands.take(connection, first, "Sari", NINE + 60)
        hands.handled(connection, first, "Sari", NINE + 90, "server dinyalakan")
        mutes.add(connection, f"site:{CODE}", "naik tiang", "Dewi", NINE + 100, NINE + 3600)
        windows.add(
            connection, a_window(mode="mute", repeats="daily", begins="2025-11-23T12:00"), NINE
        )
    with reading(here.store) as connection:
        data = handover.note(connection, here.settings, NINE + 200, 8.0)
    assert [(one["id"], one["state"]) for one in data["open"]] == [
        (second, "open"),
        (first, "handled"),
    ]
    assert data["open"][0]["deadline_at"] == "2025-11-24T06:15:01Z"
    assert [(one["by"], one["verb"], one["note"]) for one in data["done"]] == [
        ("Dewi", "window", a_window().title),
        ("Sari", "taken", ""),
        ("Sari", "handled", "server dinyalakan"),
        ("Dewi", "mute", "Benculuk"),
    ]
    assert [one["kind"] for one in data["watch"]] == ["deadline", "mute", "window"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "id",
            ["SERAH TERIMA", "Belum selesai: 1", "belum ada yang menangani", "Perlu diperhatikan:"],
        ),
        ("en", ["HANDOVER", "Not over: 1", "nobody has it", "To watch:"]),
    ],
)
def test_a_handover_is_read_in_both_languages(
    here: Village, capsys: pytest.CaptureFixture[str], language: str, lines: list[str]
) -> None:
    opened(here)
    assert ronda(here, "incidents", "handover", "--language", language) == 0
    said = capsys.readouterr().out
    assert [line for line in lines if line not in said] == []


def test_a_quiet_centre_hands_over_that_nothing_is_open(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ronda(here, "incidents", "handover") == 0
    assert "Tidak ada gangguan yang belum selesai." in capsys.readouterr().out


@pytest.mark.slow
def test_handled_and_note_by_command(here: Village, capsys: pytest.CaptureFixture[str]) -> None:
    number = str(opened(here))
    assert ronda(here, "incidents", "note", number, "menunggu PLN", "--by", "Dewi") == 0
    assert ronda(here, "incidents", "handled", number, "--by", "Dewi", "--json") == 0
    assert ronda(here, "incidents", "handled", number) == 1
    assert "it is handled already" in capsys.readouterr().err
    assert ronda(here, "incidents", "note", "99", "x") == 1


def test_the_addresses_of_hooks_are_printed_for_channels_that_hear(
    here: Village, told: Told
) -> None:
    (here.folder / "channels.toml").write_text(
        '[channels.fonnte]\ntoken = "abcd"\nreplies = true\n[channels.deaf]\nkind = "waha"\n'
        'url = "http://waha:3000"\n[channels.telegram]\ntoken = "1:a"\n'
    )
    assert ronda(here, "channels", "hooks", "--json") == 0
    (row,) = told()
    word = hooks.secret_of(load_secret(here.folder), "fonnte")
    assert (row["name"], row["url"]) == ("fonnte", f"http://127.0.0.1:8080/hooks/fonnte/{word}")
    assert len(word) == 32
