"""A person's data: all of it shown and given, erased where it is theirs, never back by a backup."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from alerts import incidents, steering
from collector import (
    acts,
    chain,
    erasing,
    erasures,
    holdings,
    onboarding,
    persons,
    schema,
    states,
)
from collector.availability import Interval, Word
from collector.backup import erased
from collector.backup.making import make
from collector.backup.restoring import restore
from collector.db import migrate, open_store, reading, writing
from collector.inventory import drafts, sites
from collector.inventory.previewing import File
from collector.settings import Settings
from tests.web.conftest import NOW, SITE, Visitor
from web import accounts, people, signins, tokens
from web import persons as page_of
from web.accounts import RONDA

pytestmark = pytest.mark.usefixtures("database_url")

Say = Callable[..., Visitor]
PAGE, PHONE, MAIL = "/persons", "+6281234567890", "dewi@desa.id"
OTHER_PHONE = "+6289999999999"
KEY = f"{SITE}/Dewi Anggraini"


def put(store: Engine, table: Any, **row: Any) -> None:
    with writing(store) as connection:
        connection.execute(insert(table).values(**row))


@pytest.fixture
def dewi(store: Engine, regency: Any, account: Callable[..., str]) -> str:
    """An account and a contact of one person, who stands everywhere a person can stand."""
    regency.site(SITE, "Bagorejo", "normal")
    account("dewi", "noc")
    user = people.user(store, "dewi")
    assert user
    signins.begin(store, user, "10.0.0.7", "Firefox Android", NOW)
    tokens.give(store, user, "grafana", "viewer", "", 7, NOW, "t" * 40)
    regency.contact(SITE, "Dewi Anggraini", "village", whatsapp=PHONE, email=MAIL)
    regency.contact(SITE, "Sari", "district", whatsapp=OTHER_PHONE)
    number = regency.incident("internet putus", SITE, acknowledged_by="dewi", assigned_to="dewi")
    told = {"incident": number, "news": "opened", "body": '{"text":"Bu Dewi"}', "next_try": NOW}
    told |= {"created_at": NOW, "channel": "whatsapp"}
    put(store, schema.notices, **told, person="Dewi Anggraini", target=PHONE, state="sent")
    put(store, schema.notices, **told, person="Dewi Anggraini", target=PHONE, state="queued")
    sari = told | {"person": "Sari", "target": OTHER_PHONE, "body": "{}"}
    put(store, schema.notices, **sari, state="sent")
    line = {"incident": number, "at": NOW}
    put(store, schema.incident_log, **line, by="Dewi Anggraini", verb="note", note="saya cek")
    put(store, schema.incident_log, **line, verb="told", note="Dewi Anggraini, Sari: first")
    put(store, schema.duty, scope=SITE, person="Dewi Anggraini")
    quiet = {"begins": "22:00", "ends": "05:00"}
    put(store, schema.quiet_hours, scope=SITE, person="Dewi Anggraini", **quiet)
    put(store, schema.saved_views, user="dewi", name="slow", query="?state=slow", saved_at=NOW)
    with writing(store) as connection:
        acts.record(connection, NOW, "dewi", "acknowledge", f"incident:{number}")
        acts.record(connection, NOW, "Dewi Anggraini", "note", f"incident:{number}")
        acts.record(connection, NOW, "putri", "inventory", "contacts", {"codes": [KEY, "x/Sari"]})
        shift = {"scope": SITE, "person": "Dewi Anggraini"}
        acts.record(connection, NOW, "putri", "duty", f"contact:{KEY}", shift)
        acts.record(
            connection, NOW, "putri", onboarding.TESTED, "Dewi Anggraini", {"targets": [PHONE]}
        )
        acts.record(connection, NOW, "rian", "note", "incident:99", {"n": "Dewi Anggraini"})
    return "dewi"


def dump(store: Engine) -> str:
    with reading(store) as connection:
        tables = schema.metadata.sorted_tables
        return "\n".join(str(row) for t in tables for row in connection.execute(select(t)))


def form(**more: str) -> dict[str, Any]:
    return {"account": "dewi", "addresses": "0812 3456 7890", "row": KEY} | more


@pytest.mark.slow
def test_everything_is_in_one_file(signed_in: Say, dewi: str, store: Engine) -> None:
    admin = signed_in("admin")
    page = admin.post(PAGE, PAGE, **form(do="find")).get_data(as_text=True)
    assert KEY in page and "Sari" not in page
    answer = admin.post(PAGE, PAGE, **form(do="file"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.get_data())
    assert told["person"] == {"account": dewi, "contacts": [KEY], "addresses": [PHONE, MAIL]}
    counts = {name: part["total"] for name, part in told["held"].items() if part["total"]}
    wanted = {"users": 1, "signins": 1, "api_tokens": 1, "saved_views": 1, "contacts": 1}
    wanted |= {"duty": 1, "quiet_hours": 1, "notices": 2, "incident_log": 1, "incidents": 1}
    assert counts == wanted | {"acts": 6}
    text = answer.get_data(as_text=True)
    assert "argon2" not in text and "hash" not in text and OTHER_PHONE not in text
    with reading(store) as connection:
        assert acts.about(connection, "account:dewi", page_of.GIVEN)[0].by == "admin.a"
    shown = admin.post(PAGE, PAGE, **form(do="show")).get_data(as_text=True)
    assert "saya cek" in shown and "Firefox" in shown


@pytest.mark.slow
def test_one_gets_ones_own_and_nobody_elses(dewi: str, visitor: Say, store: Engine) -> None:
    browser = visitor()
    browser.sign_in("dewi")
    page = browser.page("/account/data")
    assert "grafana" in page and PHONE not in page, "no address was entered for the account"
    put_email = schema.users.update().where(schema.users.c.name == "dewi").values(email=MAIL)
    with writing(store) as connection:
        connection.execute(put_email)
    assert PHONE in browser.page("/account/data")
    told = json.loads(browser.post("/account/data/file", "/account/data").get_data())
    assert told["person"]["contacts"] == [KEY]
    assert browser.post(PAGE, "/account", **form(do="file")).status_code == 403


def test_erasing_is_shown_first_and_typed(signed_in: Say, dewi: str, store: Engine) -> None:
    admin, before = signed_in("admin"), dump(store)
    page = admin.post(PAGE, PAGE, **form(do="plan")).get_data(as_text=True)
    assert SITE in page and "kesiapan" in page.lower()
    answer = admin.post(PAGE, PAGE, **form(do="erase", confirm="Dewi"))
    assert answer.status_code == 422 and "tidak ada yang dihapus" in answer.get_data(as_text=True)
    assert before in dump(store) or people.user(store, "dewi")


@pytest.mark.slow
def test_what_is_erased_is_nowhere_and_what_happened_stays(
    signed_in: Say, dewi: str, store: Engine, settings: Settings
) -> None:
    admin = signed_in("admin")
    answer = admin.post(PAGE, PAGE, **form(do="erase", confirm="dewi"))
    assert answer.status_code == 200 and "erased-" in answer.get_data(as_text=True)
    rows = dump(store)
    for gone in (PHONE, MAIL, KEY, "'dewi'", "account:dewi", "10.0.0.7", "Bu Dewi"):
        assert gone not in rows, gone
    # what others wrote about somebody of that name elsewhere stays
    assert rows.count("Dewi Anggraini") == 1 and '"n":"Dewi Anggraini"' in rows
    assert OTHER_PHONE in rows and "Sari: first" in rows and "saya cek" in rows
    with reading(store) as connection:
        found = chain.check(connection)
        assert (found.broken, found.blanked) == ("", 6)
        sent = connection.execute(select(schema.notices).order_by(schema.notices.c.id)).all()
        assert [row.state for row in sent] == ["sent", "skipped", "sent"]
        assert sent[0].target == "" and sent[0].person.startswith("erased-")
        steps = onboarding.ladder(connection, sites(connection), {}, NOW)
    assert "contact" not in steps[SITE], "the gap is shown"
    assert admin.post(PAGE, PAGE, **form(do="find")).status_code == 422
    assert (settings.folder / "erased.jsonl").read_text().count("\n") == 1
    assert "dewi" not in (settings.folder / "erased.jsonl").read_text().lower()
    # pages that show what happened still open
    assert "erased-" in admin.page("/incidents/1") and admin.page("/audit")


def test_a_row_that_is_somebody_elses_is_unticked(
    signed_in: Say, dewi: str, regency: Any, store: Engine
) -> None:
    regency.contact("35.10", "Balai Desa", "noc", whatsapp=PHONE)
    admin = signed_in("admin")
    fields = {"account": "", "addresses": f"{PHONE}\n{MAIL}", "row": KEY}
    assert "Balai Desa" in admin.post(PAGE, PAGE, **fields).get_data(as_text=True)
    done = admin.post(PAGE, PAGE, **fields, do="erase", confirm="Dewi Anggraini")
    assert done.status_code == 200
    with reading(store) as connection:
        names = set(connection.execute(select(schema.contacts.c.name)).scalars())
    assert names == {"Balai Desa", "Sari"} and people.user(store, "dewi")


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("who", "areas", "fields", "status", "says"),
    [
        pytest.param("noc", [], {}, 403, "Hak akses", id="not an administrator"),
        pytest.param("admin", [], {"do": "dance"}, 400, "", id="no such act"),
        pytest.param("admin", [], {"account": "nobody"}, 422, "akun", id="no such account"),
        pytest.param("admin", [], {"account": "a\0b"}, 422, "akun", id="a strange name"),
        pytest.param(
            "admin", [], {"account": "", "addresses": "", "row": ""}, 422, "", id="nobody"
        ),
        pytest.param("admin", ["35.11"], {}, 422, "di luar wilayah", id="an account above"),
        pytest.param(
            "admin", ["35.11"], {"account": ""}, 422, "di luar wilayah", id="rows elsewhere"
        ),
        pytest.param(
            "admin",
            [],
            {"account": "admin.a", "do": "erase", "confirm": "admin.a"},
            422,
            "diri sendiri",
            id="oneself",
        ),
    ],
)
def test_it_is_refused(
    signed_in: Say,
    dewi: str,
    store: Engine,
    who: str,
    areas: list[str],
    fields: dict[str, str],
    status: int,
    says: str,
) -> None:
    browser = signed_in(who, areas)
    answer = browser.post(PAGE, "/account", **form(do="find") | fields)
    assert answer.status_code == status and says in answer.get_data(as_text=True)
    assert people.user(store, "dewi")


def test_an_administrator_of_an_area_sees_no_messages_of_a_number_they_do_not_know(
    signed_in: Say, dewi: str
) -> None:
    admin = signed_in("admin", ["35.11"])
    answer = admin.post(PAGE, PAGE, account="", addresses="+6287777777777", do="find")
    assert answer.status_code == 422


def test_the_last_administrator_is_not_erased(
    signed_in: Say, account: Callable[..., str], store: Engine
) -> None:
    account("only", "admin")
    person = persons.Person("only")
    with pytest.raises(Exception, match="last administrator"):
        accounts.erase(store, RONDA, person, NOW)
    assert people.user(store, "only")


@pytest.mark.slow
def test_a_restore_does_not_bring_the_person_back(
    dewi: str, store: Engine, settings: Settings, tmp_path: Path
) -> None:
    migrated = Settings(data=str(tmp_path / "centre"))
    migrated.folder.mkdir()
    store.dispose()
    migrate(migrated)
    here = open_store(migrated)
    for table in (schema.users, schema.contacts, schema.notices, schema.acts):
        with reading(store) as source, writing(here) as connection:
            rows = [dict(row) for row in source.execute(select(table)).mappings()]
            connection.execute(insert(table), rows)
    backups = tmp_path / "backups"
    backups.mkdir()
    make(migrated, backups / "b.ronda", None, NOW)
    with writing(here) as connection:
        listed = persons.found_by(connection, [PHONE])
        erasing.erase(connection, persons.person(dewi, listed, [PHONE]), NOW + 50, "putri")
    assert erased.publish(replace(migrated, backup_folder=str(backups)), here) == ""
    here.dispose()
    elsewhere = Settings(data=str(tmp_path / "elsewhere"))
    restore(elsewhere, backups / "b.ronda", None, NOW + 100)
    there = open_store(elsewhere)
    rows = dump(there)
    for gone in (PHONE, MAIL, KEY, "'dewi'", "Bu Dewi"):
        assert gone not in rows, gone
    with reading(there) as connection:
        assert chain.check(connection).broken == ""
    assert "Sari" in rows and (elsewhere.folder / "erased.jsonl").exists()
    there.dispose()


def test_a_name_given_again_after_an_erasure_stays(
    store: Engine, dewi: str, account: Callable[..., str], settings: Settings
) -> None:
    with writing(store) as connection:
        erasing.erase(connection, persons.Person(dewi), NOW, "putri")
    erased.publish(settings, store)
    account("dewi", "viewer")
    assert erased.since([settings.folder], NOW + 3600) == []
    assert len(erased.since([settings.folder], NOW - 3600)) == 1
    again = erased.since([settings.folder], NOW - 3600)
    assert erased.again(store, again, NOW) == 1 and people.user(store, "dewi") is None


def test_an_act_about_a_village_under_its_old_code_forgets_the_name_too(
    store: Engine, regency: Any
) -> None:
    regency.contact(SITE, "Dewi Anggraini", "village", whatsapp=PHONE)
    put(store, schema.aliases, old="35.10.05.2005", new=SITE, at=NOW)
    shift = {"scope": "35.10.05.2005", "person": "Dewi Anggraini"}
    with writing(store) as connection:
        acts.record(connection, NOW, "putri", "duty", "contact:35.10.05.2005/Dewi Anggraini", shift)
        listed = persons.found_by(connection, [PHONE])
        erasing.erase(connection, persons.person("", listed, [PHONE]), NOW, "putri")
        (one,) = erasures.known(connection)
    assert "Dewi" not in dump(store) and chain_holds(store)
    assert one.knows("contact", "35.10.05.2005/Dewi Anggraini"), "a backup may have the old code"


def test_an_account_called_like_a_role_takes_no_roles_along(
    store: Engine, account: Callable[..., str]
) -> None:
    account("admin", "admin")
    account("putri", "admin")
    told = {"role": "admin", "by": "admin", "areas": ["admin"], "person": "putri"}
    with writing(store) as connection:
        acts.record(connection, NOW, "putri", "account_add", "account:rian", {"role": "admin"})
        acts.record(connection, NOW, "putri", "x", "incident:1", told)
        line = {"incident": 1, "at": NOW, "verb": "told", "note": "admin: first"}
        connection.execute(insert(schema.incident_log).values(**line))
        name = erasing.erase(connection, persons.Person("admin"), NOW, "putri")
        found = acts.about(connection, "account:rian", "account_add")
        assert found[0].body == {"role": "admin"}
        assert acts.about(connection, "incident:1", "x")[0].body == told | {"by": name}
        notes = connection.execute(select(schema.incident_log.c.note)).scalars().all()
    assert notes == ["admin: first"] and chain_holds(store)


def chain_holds(store: Engine) -> bool:
    with reading(store) as connection:
        return not chain.check(connection).broken


def test_no_table_that_names_people_is_forgotten() -> None:
    naming = {"by", "person", "user", "owner", "assigned_to"}
    told = {(table.name, column) for table, column in (*holdings.NAMED, *holdings.OWN)}
    told |= {(table.name, column) for table, column in holdings.LISTED}
    told |= {("acts", "by"), ("notices", "person")}
    # an office, and accounts of devices
    told |= {("services", "owner"), ("hosts", "user")}
    named = {
        (table.name, column.name)
        for table in schema.metadata.sorted_tables
        for column in table.columns
        if column.name in naming or column.name.endswith("_by")
    }
    assert sorted(named - told) == []


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("note", "after"),
    [
        ("Budi, Sari: first", "X, Sari: first"),
        ("Budi: Budi first", "X: Budi first"),
        ("Budiman: first", "Budiman: first"),
        ("Budi", "X"),
        ("said Budi", "said Budi"),
    ],
)
def test_a_line_of_an_incident_names_nobody_any_more(note: str, after: str) -> None:
    assert erasing.named_anew(note, "Budi", "X") == after


def test_what_programs_were_told_of_an_incident_names_nobody_any_more(
    store: Engine, dewi: str
) -> None:
    told = {"id": 1, "acknowledged_by": "dewi", "assigned_to": "Sari", "title": "dewi putus"}
    told |= {"evidence": ["dewi: OLT mati", "mains lost"]}
    body = json.dumps({"event": "acknowledged", "incident": told})
    row = {"incident": 1, "news": "webhook", "person": "webhook:tiket", "channel": "webhooks"}
    row |= {"target": "1", "body": body, "state": "sent", "next_try": NOW, "created_at": NOW}
    put(store, schema.notices, **row)
    with writing(store) as connection:
        name = erasing.erase(connection, persons.Person(dewi), NOW, "putri")
        held = connection.execute(
            select(schema.notices.c.body).where(schema.notices.c.target == "1")
        )
        assert json.loads(held.scalar_one())["incident"] == told | {
            "acknowledged_by": name,
            "evidence": [f"{name}: OLT mati", "mains lost"],
        }


def test_files_that_wait_to_be_imported_do_not_bring_the_person_back(
    store: Engine, dewi: str
) -> None:
    files = {
        "mine": f"scope,name,role,sms\n{SITE},Bu D.,village,0812-3456 7890\n".encode(),
        "wide": f"scope,name,role\n{SITE},DEWI ANGGRAINI,village\n".encode("utf-16"),
        "other": f"scope,name,role,sms\n{SITE},Sari,village,{OTHER_PHONE}\n".encode(),
    }
    with writing(store) as connection:
        for name, data in files.items():
            drafts.begin(connection, [File(name, "contacts", data)], NOW, "putri")
        listed = persons.found_by(connection, [PHONE])
        erasing.erase(connection, persons.person(dewi, listed, [PHONE]), NOW, "putri")
        left = drafts.listed(connection)
    assert [one.told["files"][0]["name"] for one in left] == ["other"]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("08123456 7890", True),
        ("6281234567890", True),
        ('[["+6281234567890"]]', True),
        ("+6281234567891", False),
        ("bu sari, desa", True),
        ("Sumbersari", False),
        ("SARI@DESA.ID", True),
        ("", False),
    ],
)
def test_a_person_is_found_in_a_file_however_it_is_spelled(text: str, found: bool) -> None:
    listed = persons.Listed(SITE, "Sari", "village", (PHONE, "sari@desa.id"))
    person = persons.Person("", (listed,), frozenset(listed.ways))
    assert erasing.stands_in(text, person) is found


def test_an_erasure_of_another_centre_that_keeps_its_backups_there_erases_nobody_here(
    tmp_path: Path,
) -> None:
    folder = tmp_path
    for mark in ("aaaaaaaa", "bbbbbbbb"):
        one = erasures.Erasure(f"erased-{mark}", NOW, "putri", "00", frozenset())
        erasures.write(folder, [one], f"erased-{mark}.jsonl")
    own = erasures.Erasure("erased-own", NOW, "putri", "00", frozenset())
    erasures.write(folder, [own])
    found = erased.since([folder], NOW, "aaaaaaaa01234567")
    assert [one.pseudonym for one in found] == ["erased-aaaaaaaa", "erased-own"]
    assert len(erased.since([folder], NOW)) == 3, "a backup that says nothing of its centre"


def test_an_address_that_somebody_typed_for_an_account_opens_no_other_area(
    store: Engine, regency: Any, account: Callable[..., str], visitor: Say
) -> None:
    regency.contact(SITE, "Dewi Anggraini", "village", whatsapp=PHONE, email=MAIL)
    account("wati", "viewer", ["35.11"])
    accounts.identify(store, RONDA, "wati", MAIL, True, NOW)
    browser = visitor()
    browser.sign_in("wati")
    assert PHONE not in browser.page("/account/data")
    bound = schema.users.update().values(subject="https://sso.id 7")
    with writing(store) as connection:
        connection.execute(bound)
    assert PHONE in browser.page("/account/data"), "the provider vouches for it"


def test_a_cause_that_they_put_right_does_not_say_by_whom(
    store: Engine, dewi: str, regency: Any
) -> None:
    word = Word("dewi", NOW, "OLT mati", "power", 0.6, ("mains lost",))
    said = Interval(NOW, None, "down", cause="isp", evidence=("dewi says: OLT mati",), word=word)
    works = Interval(NOW, None, "maintenance", beneath=(said,))
    with writing(store) as connection:
        states.save_states(connection, [], [(SITE, said, 1), ("35.10.06.2099", works, 1)])
    with writing(store) as connection:
        row = incidents.find(connection, 1)
        assert row is not None
        steering.correct(connection, 1, "isp", "OLT mati", "dewi", NOW)
        name = erasing.erase(connection, persons.Person(dewi), NOW, "putri")
    with reading(store) as connection:
        held = states.timeline(connection, SITE, NOW, NOW + 1)[-1]
        (under,) = states.timeline(connection, "35.10.06.2099", NOW, NOW + 1)
        found = incidents.find(connection, 1)
    assert held.word == replace(word, by=name) and held.evidence == (f"{name} says: OLT mati",)
    assert under.beneath[0].word == held.word and found is not None
    assert found.evidence[-1] == f"{name}: OLT mati" and "dewi" not in str(found.details)
