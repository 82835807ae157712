"""Devices of playbooks: kept, pinned, forgotten; no page shows a login, and none goes elsewhere."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from collector import schema
from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import Settings
from playbooks import host_rows
from playbooks.hosts import Host
from tests.web.conftest import NOW, OTHER, SITE, Visitor
from tests.web.playbooks.conftest import Field
from tests.web.test_pages import text_of
from web.playbooks import keys

EDIT = "/playbooks/hosts/edit"
HERE = f"{EDIT}?site={SITE}&device=router"


def public(kind: str, letter: bytes) -> str:
    body = len(kind).to_bytes(4, "big") + kind.encode() + (32).to_bytes(4, "big") + letter * 32
    return f"{kind} {base64.b64encode(body).decode()}"


KEY, OTHER_KEY = public("ssh-ed25519", b"a"), public("ssh-ed25519", b"b")
NEW = {"site": SITE, "device": "server", "platform": "debian", "address": "192.0.2.9"}
NEW |= {"port": "2222", "user": "ronda", "way": "direct", "jump": "", "password": "rahasia-baru"}
NEW |= {"values": "wan=eno1\n\nlan = eno2", "more_keys": KEY}


@pytest.fixture
def kept(settings: Settings, store: Engine) -> Callable[..., Host]:
    def look(site: str, device: str) -> Host:
        with reading(store) as connection:
            return host_rows.opened(connection, load_secret(settings.folder), site, device)

    return look


@pytest.mark.slow
def test_a_device_is_kept_with_its_key_and_values(
    field: Field, kept: Callable[..., Host], signed_in: Callable[..., Visitor]
) -> None:
    browser = signed_in("noc", ["35.10.06"])
    assert browser.post(EDIT, EDIT, **NEW).status_code == 303
    host = kept(SITE, "server")
    assert (host.address, host.port, host.login.user) == ("192.0.2.9", 2222, "ronda")
    assert host.login.password == "rahasia-baru"
    assert dict(host.values) == {"wan": "eno1", "lan": "eno2"}
    assert host.host_keys == (KEY,)
    page = browser.page("/playbooks/hosts")
    assert "Tersimpan. Akun masuknya" in page and "Benculuk, server" in page
    assert keys.key(KEY).fingerprint in page and "Bayu" not in page


def test_no_page_shows_a_login(field: Field, signed_in: Callable[..., Visitor]) -> None:
    browser = signed_in("admin")
    for path in ("/playbooks/hosts", HERE):
        assert "rahasia-router" not in browser.page(path)


def edited(browser: Visitor, **change: str) -> Any:
    """The form of the router, sent as it is shown but for this."""
    fields = {"site": SITE, "device": "router", "platform": "openwrt", "address": "192.0.2.7"}
    fields |= {"port": "22", "user": "root", "way": "direct", "mark": repr(NOW)}
    return browser.post(EDIT, HERE, **fields | change)


def test_a_login_that_is_not_entered_again_stays(
    field: Field, kept: Callable[..., Host], signed_in: Callable[..., Visitor]
) -> None:
    assert edited(signed_in("noc"), values="wan=ether2", key=KEY).status_code == 303
    host = kept(SITE, "router")
    assert host.login.password == "rahasia-router"
    assert dict(host.values) == {"wan": "ether2"} and host.host_keys == (KEY,)


ELSEWHERE = [
    {"address": "198.51.100.66"},
    {"port": "2222"},
    {"user": "admin"},
    {"way": "tunnel"},
    {"way": "jump", "jump": "gerbang"},
]


@pytest.mark.parametrize("change", ELSEWHERE, ids=str)
def test_a_kept_login_goes_nowhere_else(
    change: dict[str, str],
    field: Field,
    kept: Callable[..., Host],
    signed_in: Callable[..., Visitor],
) -> None:
    field.host("", "gerbang", address="192.0.2.1")
    before = kept(SITE, "router")
    answer = edited(signed_in("noc"), **change)
    assert answer.status_code == 422
    assert "isi lagi" in answer.get_data(as_text=True)
    assert kept(SITE, "router") == before
    assert edited(signed_in("admin"), **change, password="baru").status_code == 303
    assert kept(SITE, "router").login.password == "baru"


WRONG = [
    ({"address": "192.0.2.7; reboot"}, "Alamat"),
    ({"port": "0"}, "harus 1 sampai 65535"),
    ({"port": "x"}, "harus bilangan bulat"),
    ({"platform": "windows"}, "pilih salah satu dari daftar"),
    ({"values": "wan"}, "harus NAMA=NILAI"),
    ({"more_keys": "ssh-ed25519 AAAA"}, "bukan kunci publik"),
    ({"password": ""}, "perlu sandi atau kunci privat"),
    ({"device": "a b"}, "harus huruf, angka"),
    ({"device": "router"}, "sudah diubah orang lain"),
    ({"way": "jump", "jump": "tidak-ada"}, "tidak ada mesin pusat"),
]


@pytest.mark.parametrize(("change", "says"), WRONG, ids=str)
def test_what_cannot_be_is_said_at_its_field(
    change: dict[str, str], says: str, field: Field, signed_in: Callable[..., Visitor]
) -> None:
    answer = signed_in("noc").post(EDIT, EDIT, **NEW | change)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and says in text
    assert "rahasia-baru" not in text


def test_two_people_who_edit_one_device_lose_nothing(
    field: Field, kept: Callable[..., Host], signed_in: Callable[..., Visitor], clock: Any
) -> None:
    browser = signed_in("noc")
    clock.now += 5
    assert edited(browser, values="wan=ether2").status_code == 303
    answer = edited(browser, values="wan=ether3")
    assert answer.status_code == 422
    assert "sudah diubah orang lain" in answer.get_data(as_text=True)
    assert dict(kept(SITE, "router").values) == {"wan": "ether2"}


def test_keys_that_its_agent_reported_are_offered(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    row = {"site": SITE, "name": "mini-pc", "state": "active", "enrolled_at": NOW}
    with writing(store) as connection:
        connection.execute(
            insert(schema.agents).values(**row, host_keys=json.dumps([KEY, "x"]), rev=1)
        )
    text = signed_in("noc").page(HERE)
    assert "Dilaporkan agen mini-pc" in text and keys.key(KEY).fingerprint in text
    assert f'value="{KEY}"' in text.replace("&#43;", "+") and f'value="{OTHER_KEY}"' not in text


def test_a_device_is_forgotten(
    field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    edited(signed_in("noc"), do="remove")
    with reading(store) as connection:
        assert host_rows.everywhere(connection, 9) == ([(OTHER, "router")], 0)


def test_a_login_sealed_with_another_key_is_entered_again(
    field: Field, settings: Settings, signed_in: Callable[..., Visitor]
) -> None:
    other = replace(settings, data=f"{settings.data}/elsewhere")
    other.folder.mkdir()
    host, secret = field.host(SITE), load_secret(other.folder)
    with writing(field.store) as connection:
        host_rows.put(connection, secret, host, "", NOW, "x")
    text = text_of(signed_in("noc").page("/playbooks/hosts"))
    assert "isi lagi akun masuknya" in text


def test_fingerprints_are_those_of_ssh_keygen() -> None:
    line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMfXZDZCzQYqyJmRjGr5fMyYJrH4IuTQ4aPJXxLS0Q0v"
    found = keys.key(f"router.desa {line} root@router")
    assert found.line == line and found.kind == "ssh-ed25519"
    assert found.fingerprint.startswith("SHA256:") and len(found.fingerprint) == 50


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.1.1", "localhost"])
def test_who_is_bound_to_an_area_leads_the_centre_nowhere_near_itself(
    address: str, field: Field, signed_in: Callable[..., Visitor]
) -> None:
    bound = signed_in("noc", [SITE])
    answer = edited(bound, address=address, password="baru")
    assert answer.status_code == 422 and "Alamat" in answer.get_data(as_text=True)
    assert edited(bound, address="198.51.100.7", password="baru").status_code == 303
