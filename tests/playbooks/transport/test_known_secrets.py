"""Secrets are known by how devices write them; what stands around them stays readable."""

import secrets
from typing import Any

import pytest
from sqlalchemy import create_engine

from playbooks.row_diary import RowDiary
from playbooks.session import Output
from playbooks.transport.known_secrets import hide
from playbooks.transport.redacting import Redactor
from tests.each import for_each

TOKEN = "q3Zk9_vT1xYb-7LmPqRsTuVwXyZ0123456789abcDEF"
CASES = {
    "password": ("add name=a password=abc123 profile=b", "add name=a password=******** profile=b"),
    "quoted": ('set password="a b\\"c" x=1', "set password=******** x=1"),
    "with a semicolon": ("{password=abc;name=b}", "{password=********;name=b}"),
    "in a list": ("(secret=abc)", "(secret=********)"),
    "ppp": ("/ppp secret add name=kantor", "/ppp secret add name=kantor"),
    "ipsec": ("ipsec-secret=abc", "ipsec-secret=********"),
    "radius": (
        "/radius add address=1.2.3.4 secret=abc",
        "/radius add address=1.2.3.4 secret=********",
    ),
    "wpa": (
        "wpa-pre-shared-key=a wpa2-pre-shared-key=b",
        "wpa-pre-shared-key=******** wpa2-pre-shared-key=********",
    ),
    "wifi of 7": ('security.passphrase="a b" .ft=yes', "security.passphrase=******** .ft=yes"),
    "dotted": (".passphrase=abc disabled=no", ".passphrase=******** disabled=no"),
    "wireguard": ('private-key="AbC+/=" x', "private-key=******** x"),
    "preshared": ("preshared-key=abc", "preshared-key=********"),
    "snmp": (
        "authentication-password=a encryption-password=b",
        "authentication-password=******** encryption-password=********",
    ),
    "none set": ('password="" x=1', 'password="" x=1'),
    "broken line": ("password=\\\r\n    abc def", "password=\\\r\n    ******** def"),
    "broken in the middle": ('password="abc\\\r\n    def" x=1', "password=******** x=1"),
    "broken without quotes": ("secret=abc\\\n    def x=1", "secret=******** x=1"),
    "cut in a string": ('password="abc def', "password=********"),
    "uci": ("\toption key 'a b'\n\toption ssid 'x'", "\toption key ********\n\toption ssid 'x'"),
    "uci show": ("wireless.a.password='a'", "wireless.a.password=********"),
    "wg show": ("  private key = abc\n", "  private key = abc\n"),
    "wg conf": (
        "PrivateKey = abc=\nAddress = 10.0.0.1",
        "PrivateKey = ********\nAddress = 10.0.0.1",
    ),
    "print": ("         password: abc def\n  name: x", "         password: ********\n  name: x"),
    "bearer": (
        'http-header-field="Authorization: Bearer abcdefgh12345"',
        'http-header-field="Authorization: Bearer ********"',
    ),
    "basic": ("Authorization: Basic YWJjOmRlZg==", "Authorization: Basic ********"),
    "address": ("https://ronda:abc@noc.example/x", "https://ronda:********@noc.example/x"),
    "token": (f":global t {TOKEN};", ":global t ********;"),
    "key": (
        "-----BEGIN RSA PRIVATE KEY-----\nAAA\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----********-----END RSA PRIVATE KEY-----",
    ),
}
LEFT = [
    "sha256 " + "ab12" * 16,
    "SHA256:q3Zk9_vT1xYb-7LmPqRsTuVwXyZ0123456789abcDEF",
    "pubkey q3Zk9/vT1xYb+7LmPqRsTuVwXyZ0123456789abcDEF=",
    "the password of root is not accepted: enter it again",
    "set-password-policy-of-this-device-to-the-usual",
    "drwxr-xr-x 2 root root 4096 Nov 29 12:17 .",
    "keepalive-timeout=2m key-size=2048 tls-version=any",
]


@for_each(("text", "told"), CASES.values(), ids=list(CASES))
def test_a_secret_is_hidden_where_it_stands(text: str, told: str) -> None:
    assert hide(text) == told
    assert hide(told) == told


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide(text) == text


def test_every_token_that_is_made_for_an_agent_is_known() -> None:
    made = [secrets.token_urlsafe(32) for _ in range(2000)]
    assert [token for token in made if hide(f"token {token}\n") != "token ********\n"] == []


def test_a_long_text_takes_no_time_to_speak_of() -> None:
    hard = ('password="' + "\\" * 20000, "a-" * 30000, "password" * 5000, "key " * 20000)
    for text in hard:
        hide(text)


def test_what_a_device_prints_is_kept_without_them() -> None:
    row: Any = None
    diary = RowDiary(create_engine("sqlite://"), row, lambda: 0.0, Redactor(["abc-of-the-run"]))
    printed = Output(f"password=x {TOKEN}\nabc-of-the-run", 0, 0.1)
    assert diary._kept(printed) == "password=******** ********\n********"
