"""A secret is hidden in every form in which a device repeats it."""

import base64
import json
import shlex
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks import quoting
from playbooks.model import Platform
from playbooks.transport.redacting import HIDDEN, Redactor

SECRETS = ["kopi tubruk", 'it\'s $5 "now" \\o/', "a&b<c>;`id`", "p+q/r?=%", "sandi-wifi-9183"]
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=4, max_size=40)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(lambda s: s, id="as it is"),
        pytest.param(shlex.quote, id="quoted for a shell"),
        pytest.param(lambda s: quoting.quoted(Platform.ROUTEROS, s), id="quoted for RouterOS"),
        pytest.param(json.dumps, id="as JSON"),
        pytest.param(repr, id="as Python shows it"),
        pytest.param(quote_plus, id="in an address"),
        pytest.param(lambda s: s.encode().hex(), id="in hexadecimal"),
        pytest.param(lambda s: base64.b64encode(s.encode()).decode(), id="in base64"),
        pytest.param(
            lambda s: base64.b64encode(f"admin:{s}".encode()).decode(),
            id="base64 behind a name",
        ),
        pytest.param(
            lambda s: base64.urlsafe_b64encode(f"u:{s}!".encode()).decode(),
            id="base64 in an address",
        ),
    ],
)
def test_every_form_is_hidden(secret: str, said: object) -> None:
    assert callable(said)
    text = f"set key={said(secret)} and more {said(secret)}\nend"
    cleaned = Redactor([secret]).clean(text)
    assert HIDDEN in cleaned
    assert secret not in cleaned
    assert said(secret)[2:-3] not in cleaned
    assert cleaned.startswith("set key=")
    assert cleaned.endswith("\nend")


@given(PRINTABLE, PRINTABLE, PRINTABLE)
def test_whatever_stands_around_it_a_secret_is_gone(before: str, secret: str, behind: str) -> None:
    cleaned = Redactor([secret]).clean(f"{before}{secret}{behind}")
    assert secret not in cleaned.replace(HIDDEN, "\0")


@pytest.mark.parametrize(
    ("secrets", "text", "cleaned"),
    [
        pytest.param([], "halo", "halo", id="no secrets"),
        pytest.param([""], "halo", "halo", id="an empty one"),
        pytest.param(["abcd", "abcdefgh"], "x abcdefgh y", f"x {HIDDEN} y", id="one in another"),
        pytest.param(["1"], "1 of 10, e1, -1.", f"{HIDDEN} of 10, e1, -{HIDDEN}.", id="short"),
        pytest.param(["$1.*"], "a$1.*b", f"a{HIDDEN}b", id="signs of patterns"),
    ],
)
def test_texts_are_cleaned(secrets: list[str], text: str, cleaned: str) -> None:
    assert Redactor(secrets).clean(text) == cleaned


def test_a_secret_that_a_cut_went_through_is_hidden() -> None:
    redactor = Redactor(["sandi-wifi-9183"])
    assert redactor.clean("key=sandi-wifi", cut=True) == f"key={HIDDEN}"
    assert redactor.clean("key=sandi-wifi") == "key=sandi-wifi"
    assert redactor.clean("all is well", cut=True) == "all is well"


def test_lines_of_a_private_key_are_hidden_one_by_one() -> None:
    lines = ["-----BEGIN OPENSSH PRIVATE KEY-----", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU", "AAEC"]
    cleaned = Redactor(["\n".join(lines)]).clean(f"1: {lines[1]}\r\n2: ok")
    assert cleaned == f"1: {HIDDEN}\r\n2: ok"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(
            "dhcp1 assigned 10.5.50.3 to AA:BB:CC:00:11:22",
            "dhcp1 assigned 10.5.50.3 to xx:xx:xx:xx:xx:xx",
            id="a lease in a log",
        ),
        pytest.param("STA aa-bb-cc-00-11-22: gone", "STA xx:xx:xx:xx:xx:xx: gone", id="with -"),
        pytest.param("fe80:11:22:33:44:55:66:77", "fe80:11:22:33:44:55:66:77", id="IPv6"),
        pytest.param("2001:db8::1 at 12:30:45", "2001:db8::1 at 12:30:45", id="a time of day"),
        pytest.param(
            "MD5:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
            "MD5:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99",
            id="a fingerprint of a key",
        ),
    ],
)
def test_no_address_of_somebodys_phone_is_kept(said: str, kept: str) -> None:
    assert Redactor([]).clean(said) == Redactor(["rahasia"]).clean(said) == kept
