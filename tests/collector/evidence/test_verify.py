"""Whoever changes what was sealed is found, and the record is named."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, select, update

import ronda
from collector import acts, db, schema
from collector.evidence import record, seals
from collector.evidence.sealer import KEY
from collector.evidence.sealing import Mark
from collector.evidence.seals import Draft
from collector.evidence.signing import Signer, former_keys, trust
from collector.evidence.verify import Found, Problem, verify
from collector.schema import seals as rows
from collector.secret import load_secret
from collector.settings import Settings
from tests.collector.evidence.world import BANTUR
from tests.stores import migrated

OWN = b"k" * 32
Harm = Callable[[Connection], Any]


@pytest.fixture
def store(store: Engine) -> Engine:
    seal(store, Signer(OWN))
    return store


def seal(engine: Engine, signer: Signer, count: int = 6) -> None:
    """Days of a site; the fourth in place of the second; the fifth told to the chain of acts."""
    for number in range(1, count + 1):
        day, replaces = (2, 2) if number == 4 else (number, None)
        told = {"from": day * 86400, "to": day * 86400 + 86400, "zone": "Asia/Jakarta"}
        draft = Draft(
            "day", BANTUR, f"2026-10-0{day}", {**told, "lines": [], "x": number}, replaces
        )
        with db.writing(engine) as connection:
            head = seals.append(connection, [draft], signer, 1000 + number)
            if number == 5:
                body = {"record": 5, "link": head.link}
                acts.record(connection, 1005.0, "Ronda", "sealed", "record:5", body)


def look(store: Engine, head: str = "", folder: str = "/nowhere") -> Found:
    with db.reading(store) as connection:
        return verify(connection, Signer(OWN), Path(folder), head)


def head_of(store: Engine, number: int) -> str:
    with db.reading(store) as connection:
        return str(connection.execute(select(rows.c.link).where(rows.c.id == number)).scalar())


def harm(store: Engine, *harms: Harm) -> None:
    with db.writing(store) as connection:
        for each in harms:
            each(connection)


def test_what_nobody_touched_is_sound(store: Engine) -> None:
    found = look(store)
    assert (found.count, found.replaced, found.problems) == (6, 1, [])
    assert found.head.link == head_of(store, 6) and found.keys == {Signer(OWN).key: 6}


def change(number: int, **values: Any) -> Harm:
    return lambda c: c.execute(update(rows).where(rows.c.id == number).values(**values))


def other_body(number: int, resealed: bool) -> Harm:
    """Another outage in it; `resealed`: its digest goes along."""

    def do(connection: Connection) -> None:
        body = connection.execute(select(rows.c.body).where(rows.c.id == number)).scalar()
        text = record.unpacked(body or b"").replace(b'"x":', b'"y":')
        values: dict[str, Any] = {"body": record.packed(text)}
        if resealed:
            told = record.spelled(record.read(text).told)
            values |= {"digest": record.digest(text), "told": record.digest(told)}
        connection.execute(update(rows).where(rows.c.id == number).values(**values))

    return do


HARMS: dict[str, tuple[Harm, int, str]] = {
    "its body": (other_body(3, False), 3, "says something else than was sealed"),
    "its body and digest": (other_body(3, True), 3, "is not bound to the record before it"),
    "its site": (change(3, subject="35.10.06.2006"), 3, "stands under another name"),
    "its day": (change(3, day="2026-10-30"), 3, "stands under another name"),
    "its kind": (change(3, kind="sheet"), 3, "stands under another name"),
    "its time": (change(3, sealed_at=5), 3, "stands under another name"),
    "what it replaces": (change(4, replaces=1), 4, "stands under another name"),
    "that it replaces": (change(4, replaces=None), 4, "stands under another name"),
    "its digest": (change(3, digest="0" * 64), 3, "is not bound to the record before it"),
    "its digest of contents": (change(3, told="0" * 64), 3, "stands under another digest"),
    "its link": (change(3, link="0" * 64), 3, "is not bound to the record before it"),
    "its signature": (change(3, signature="0" * 128), 3, "is not signed by this centre"),
    "no signature": (change(3, signature=""), 3, "is not signed by this centre"),
    "its key": (change(3, signer=Signer(b"x" * 32).key), 3, "a key that is not this centre's"),
    "no body": (change(3, body=b""), 3, "cannot be read"),
    "no record": (change(3, body=record.packed(b"[]")), 3, "cannot be read"),
    "it is gone": (lambda c: c.execute(delete(rows).where(rows.c.id == 3)), 3, "missing: 3"),
    "two are gone": (
        lambda c: c.execute(delete(rows).where(rows.c.id.in_([2, 3]))), 2, "missing: 2 to 3",
    ),
    "the first is gone": (lambda c: c.execute(delete(rows).where(rows.c.id == 1)), 1, "missing: 1"),
    "the tail is gone": (
        lambda c: c.execute(delete(rows).where(rows.c.id >= 5)), 5, "the tail is cut",
    ),
    "all is gone": (lambda c: c.execute(delete(rows)), 5, "the tail is cut"),
}  # fmt: skip


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("do", "number", "says"), HARMS.values(), ids=HARMS)
def test_each_harm_is_found_and_named(store: Engine, do: Harm, number: int, says: str) -> None:
    harm(store, do)
    first = look(store).problems[0]
    assert first.record == number
    assert says in first.what


def rebuild(engine: Engine, signer: Signer, number: int) -> None:
    """Everything from a record on is made anew, with another body, as somebody would who can."""
    with db.writing(engine) as connection:
        old = connection.execute(select(rows).where(rows.c.id >= number).order_by(rows.c.id)).all()
        connection.execute(delete(rows).where(rows.c.id >= number))
        for row in old:
            told = {**record.read(record.unpacked(row.body)).told}
            told |= {"x": 99} if row.id == number else {}
            draft = Draft(row.kind, row.subject, row.day, told, row.replaces)
            seals.append(connection, [draft], signer, row.sealed_at)


def test_a_chain_rebuilt_without_the_key_is_found(store: Engine) -> None:
    other = Signer(b"x" * 32)
    rebuild(store, other, 3)
    assert look(store).problems[0].record == 3
    assert other.key in look(store).problems[0].what


def test_a_rebuilt_chain_that_names_our_key_is_found(store: Engine) -> None:
    rebuild(store, Signer(b"x" * 32), 3)
    harm(store, lambda c: c.execute(update(rows).values(signer=Signer(OWN).key)))
    first = look(store).problems[0]
    assert (first.record, first.what) == (3, "is not signed by this centre: the chain was rebuilt")


def test_a_chain_rebuilt_with_the_key_is_found_by_the_chain_of_acts(store: Engine) -> None:
    rebuild(store, Signer(OWN), 3)
    first = look(store).problems[0]
    assert (first.record, first.what) == (5, "is another one than the chain of acts tells of")


def test_who_has_the_key_and_the_acts_is_found_by_a_head_that_was_told_outside(
    store: Engine,
) -> None:
    printed = head_of(store, 4)
    rebuild(store, Signer(OWN), 3)
    harm(store, lambda c: c.execute(delete(schema.acts)))
    assert look(store).sound
    assert look(store, f"4:{printed}").problems[0].record == 4
    assert "rebuilt" in look(store, f"4:{printed[:12]}").problems[0].what
    assert look(store, printed).problems[0].what.startswith("no record has that head")


def test_a_tail_cut_with_its_acts_is_found_by_a_head_that_was_told_outside(store: Engine) -> None:
    printed = head_of(store, 6)
    assert look(store, f"6:{printed}").sound and look(store, printed[:8]).sound
    harm(store, lambda c: c.execute(delete(schema.acts)))
    harm(store, lambda c: c.execute(delete(rows).where(rows.c.id > 4)))
    assert look(store).sound
    first = look(store, f"6:{printed}").problems[0]
    assert (first.record, "tail is cut" in first.what) == (6, True)
    assert "tail is cut" in look(store, printed).problems[0].what


def test_records_of_a_key_from_before_count_once_somebody_said_so(
    store: Engine, tmp_path: Path
) -> None:
    new = Signer(b"n" * 32)
    with db.writing(store) as connection:
        told = {"from": 0, "to": 86400, "zone": "UTC", "lines": []}
        seals.append(connection, [Draft("day", BANTUR, "2026-10-09", told)], new, 2000)
    with db.reading(store) as connection:
        assert verify(connection, new, tmp_path).problems[0].record == 1
        assert trust(tmp_path, Signer(OWN).key)
        assert not trust(tmp_path, Signer(OWN).key)
        assert former_keys(tmp_path) == {Signer(OWN).key}
        assert verify(connection, new, tmp_path).sound


def test_a_tail_that_is_cut_alone_is_found_at_once(store: Engine) -> None:
    mark = Mark(head=(6, head_of(store, 6)))
    harm(store, lambda c: db.meta_set(c, KEY, mark.text()))
    assert look(store).sound
    harm(store, lambda c: c.execute(delete(rows).where(rows.c.id == 6)))
    assert look(store).problems[0] == Problem(
        6, "the tail is cut: it was the newest that was sealed"
    )
    seal_one(store, 6, "2026-10-06")
    assert "was rebuilt" in look(store).problems[0].what


def seal_one(store: Engine, x: int, day: str, replaces: int | None = None) -> None:
    told = {"from": 0, "to": 86400, "zone": "UTC", "lines": [], "x": x}
    with db.writing(store) as connection:
        draft = Draft("day", BANTUR, day, told, replaces)
        seals.append(connection, [draft], Signer(OWN), 2000)


def test_a_record_before_the_first_is_found_though_reports_would_read_it(store: Engine) -> None:
    def forged(connection: Connection) -> None:
        first = connection.execute(select(rows).where(rows.c.id == 1)).one()
        connection.execute(rows.insert().values({**first._mapping, "id": -3, "day": "2026-10-30"}))

    harm(store, forged)
    assert look(store).problems == [Problem(-3, "stands before the first")]


@pytest.mark.parametrize(
    ("day", "replaces"), [("2026-10-03", None), ("2026-10-02", 2)], ids=["no word", "a fork"]
)
def test_two_records_of_a_day_must_name_each_other(
    store: Engine, day: str, replaces: int | None
) -> None:
    seal_one(store, 7, day, replaces)
    (found,) = look(store).problems
    assert (found.record, "does not replace" in found.what) == (7, True)


def test_an_act_of_a_head_that_was_made_unreadable_is_told(store: Engine) -> None:
    harm(store, lambda c: c.execute(update(schema.acts).values(body="{")))
    assert "cannot be read" in look(store).problems[0].what


def test_many_harms_are_told_and_bounded(store: Engine) -> None:
    harm(store, lambda c: c.execute(update(rows).values(signature="", link="0" * 64)))
    assert 6 <= len(look(store).problems) <= 20


@pytest.fixture
def centre(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    migrated(store_settings)
    monkeypatch.setenv("RONDA_DATA", store_settings.data)
    monkeypatch.setenv("RONDA_DATABASE_URL", store_settings.database_url)
    engine = db.open_store(store_settings)
    seal(engine, Signer(load_secret(store_settings.folder)))
    yield engine
    engine.dispose()


def test_the_command_says_sound_or_which_record(
    centre: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    head = f"6:{head_of(centre, 6)}"
    assert ronda.main(["report", "verify", "--head", head]) == 0
    out = capsys.readouterr().out
    assert "sound: 6 records, 1 of them in place of others" in out and f"head {head}" in out
    assert ronda.main(["report", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["head"]["record"] == 6
    harm(centre, other_body(3, False))
    assert ronda.main(["report", "verify"]) == 1
    assert "record 3: says something else than was sealed" in capsys.readouterr().out
    assert ronda.main(["report", "verify", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["problems"][0] == {"record": 3, "what": "says something else than was sealed"}
    assert ronda.main(["report", "verify", "--head", "xyz"]) == 2
    assert "--head: expected NUMBER:LINK" in capsys.readouterr().err


def test_the_command_writes_a_former_key_down(
    centre: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ronda.main(["report", "trust", Signer(OWN).key]) == 0
    assert "written down" in capsys.readouterr().out
    assert ronda.main(["report", "trust", "abc"]) == 2
