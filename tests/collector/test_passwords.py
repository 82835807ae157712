"""Passwords of checks: sealed at rest, given to agents alone, in no text of anybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from agent.config import read
from agent.probes.snmp.check import Snmp
from agent.strict import Refused
from collector import db, passwords, schema
from collector.config import agent_config, etag
from collector.configured import as_json, configured
from collector.doctor import examine
from collector.inventory.binding import Binding
from collector.inventory.exporting import export
from collector.inventory.importing import bring, parse
from collector.inventory.sheet import BadFile
from collector.secret import load_secret
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.06.2005"
SECRET = bytes(range(32))
HERE = Binding("35.10.06", ("10.0.0.0/24",))
AUTH, PRIV = "kata sandi satu", "kata sandi dua"
ROW = (
    "name,site,kind,target,v3,auth,auth_secret,priv,priv_secret\n"
    f"router,{SITE},snmp,10.0.0.1,ronda,sha256,snmp-auth,aes256,snmp-priv\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    return made


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    engine = db.open_store(settings)
    with db.writing(engine) as opened:
        take(opened, "sites", f"code,name\n{SITE},B\n")
        take(opened, "services", ROW)
        passwords.put(opened, SECRET, "snmp-auth", AUTH, 1.0, "siti", HERE)
        passwords.put(opened, SECRET, "snmp-priv", PRIV, 1.0, "siti", HERE)
        yield opened
    engine.dispose()


def take(connection: Connection, kind: str, text: str) -> None:
    bring(connection, parse(kind, text.encode(), kind), 1.0, "siti")


def delivered(connection: Connection, secret: bytes = SECRET) -> list[Snmp]:
    """The devices that an agent looks at, with this configuration."""
    table = passwords.open_in(connection, secret, agent_config(connection, SITE, Settings()))
    checks = read(json.loads(json.dumps(table))).checks
    return [check.probe for check in checks if isinstance(check.probe, Snmp)]


def test_the_agent_gets_what_a_row_only_names(connection: Connection) -> None:
    (router,) = delivered(connection)
    assert (router.v3, router.auth, router.priv) == ("ronda", "sha256", "aes256")
    assert (router.auth_password, router.priv_password) == (AUTH, PRIV)


def test_nothing_that_people_read_holds_one(connection: Connection, settings: Settings) -> None:
    shown = [
        json.dumps(agent_config(connection, SITE, settings)),
        json.dumps(as_json(configured(connection, SITE, settings))),
        export(connection, "services"),
        repr(connection.execute(select(schema.acts)).all()),
        repr(connection.execute(select(schema.services)).all()),
        repr(connection.execute(select(schema.passwords)).all()),
        repr(passwords.kept(connection)),
    ]
    for text in shown:
        assert "kata sandi" not in text
    connection.commit()
    found = b"".join(path.read_bytes() for path in settings.folder.glob("ronda.db*"))
    assert b"snmp-auth" in found and b"kata sandi" not in found


SAID = '{"set":"snmp-auth","area":"35.10.06","targets":["10.0.0.0/24"]}'


def test_a_new_one_is_another_configuration_and_an_act(connection: Connection) -> None:
    before = etag(agent_config(connection, SITE, Settings()))
    passwords.put(connection, SECRET, "snmp-auth", "kata sandi baru", 2.0, "budi")
    assert etag(agent_config(connection, SITE, Settings())) != before
    assert delivered(connection)[0].auth_password == "kata sandi baru"
    told = connection.execute(select(schema.acts).order_by(schema.acts.c.id)).all()[-1]
    assert (told.verb, told.by, told.body) == ("password", "budi", SAID)


def test_another_key_opens_none_and_nobody_is_asked_in_the_wrong_way(
    connection: Connection,
) -> None:
    assert delivered(connection, bytes(32)) == []
    assert passwords.unreadable(connection, bytes(32)) == ["snmp-auth", "snmp-priv"]
    assert passwords.unreadable(connection, SECRET) == []


def test_the_seal_is_bound_to_the_name(connection: Connection) -> None:
    t = schema.passwords
    box = connection.execute(select(t.c.box).where(t.c.name == "snmp-priv")).scalar_one()
    connection.execute(t.update().where(t.c.name == "snmp-auth").values(box=box))
    assert passwords.unreadable(connection, SECRET) == ["snmp-auth"]


def test_what_is_forgotten_is_gone(connection: Connection) -> None:
    passwords.forget(connection, "snmp-auth", 2.0, "siti")
    assert [one.name for one in passwords.kept(connection)] == ["snmp-priv"]
    with pytest.raises(Refused, match="there is no password"):
        passwords.forget(connection, "snmp-auth", 2.0, "siti")


@pytest.mark.parametrize(
    ("name", "plain", "why"),
    [
        ("a b", AUTH, "expected the name of a password"),
        ("", AUTH, "expected the name of a password"),
        ("a", "pendek", "not 8 to 255 printable characters"),
        ("a", "x" * 256, "not 8 to 255 printable characters"),
        ("a", "dua\nbaris panjang", "not 8 to 255 printable characters"),
    ],
    ids=["a space", "no name", "short", "long", "lines"],
)
def test_what_cannot_be_kept(connection: Connection, name: str, plain: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.put(connection, SECRET, name, plain, 1.0, "siti")
    assert why in str(refused.value)
    assert plain not in str(refused.value)


@pytest.mark.parametrize(
    ("columns", "cells", "why"),
    [
        ("auth_secret", "a", "column auth_secret: is for v3, which names a user"),
        ("v3,priv_secret", "u,a", "column priv_secret: needs an auth_secret"),
        ("community,community_secret", "x,a", "there is a community already"),
        ("auth", "sha1", "column auth: must be one of md5, sha"),
        ("v3,auth_secret", "u,a b", "expected the name of a password"),
    ],
    ids=["no user", "no auth", "two communities", "algorithm", "name"],
)
def test_a_row_that_an_agent_would_refuse_is_refused(
    connection: Connection, columns: str, cells: str, why: str
) -> None:
    text = f"name,site,kind,target,{columns}\nx,{SITE},snmp,10.0.0.1,{cells}\n"
    with pytest.raises(BadFile) as bad:
        take(connection, "services", text)
    assert why in str(bad.value.problems)


def test_doctor_names_those_to_enter_again(settings: Settings, connection: Connection) -> None:
    connection.commit()
    load_secret(settings.folder)
    found = {one.name: one for one in examine(settings, 1.0)}
    assert not found["passwords"].fine
    assert "snmp-auth, snmp-priv" in found["passwords"].says
