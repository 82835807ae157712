"""What a portal's page, a DHCP answer and a place mean; which journeys are refused."""

import struct
from hashlib import md5
from time import monotonic, thread_time
from typing import Any

import pytest

from agent.answer import Response
from agent.probes.dhcp_message import DISCOVER, INFORM, OFFER, answer, asked, inside, packet
from agent.probes.guest import Seen
from agent.probes.journey import Journey
from agent.probes.journey_place import Place, judge_page, on_portal, place, say_page
from agent.probes.journey_walk import Walk, identity
from agent.probes.nic import Nic
from agent.probes.portal_page import Form, chap, encoded, filled, login_form, of_provider, onward
from agent.probes.visit import join
from agent.report import ProbeFailed
from agent.strict import Refused, build
from tests.each import for_each

CLIENT = b"\x02abcde"
GATE = "10.5.50.1"
LOGIN = (
    '<form action="/login" method="post"><input name="username"><input type="password" name="p">'
)
CLICK = (
    '<form action="/go"><input type="hidden" name="a" value="1&amp;2"><input type=submit></form>'
)


def seen(url: str, page: str = "", status: int = 200, *way: str) -> Seen:
    return Seen(url, "198.51.100.1", Response(status, {}, page.encode()), way)


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        pytest.param(LOGIN, "/login", "username=warga&p=desa", id="user and password"),
        pytest.param(CLICK, "/go", "a=1%262", id="a button"),
        pytest.param(f"<form><input name=q></form>{LOGIN}", "/login", None, id="the one that asks"),
        pytest.param(
            "<form action=/v><input name=voucher><input type=checkbox name=ok checked></form>",
            "/v",
            "ok=on&voucher=warga",
            id="a voucher",
        ),
        pytest.param(
            f"<!-- {LOGIN} --><script>var a = '{CLICK}'</script>", None, None, id="hidden"
        ),
        pytest.param("<form><input type=hidden name=a></form>", None, None, id="of a script"),
        pytest.param("<script><form><input name=user>", None, None, id="a script without an end"),
    ],
)
def test_the_form_of_a_page_is_found_and_filled(
    page: str, action: str | None, fields: str | None
) -> None:
    form = login_form(page)
    assert (form.action if form else None) == action
    if form is not None and fields is not None:
        assert encoded(filled(form, page, ("warga", "desa"))) == fields


def test_fields_of_the_configuration_go_before_those_of_the_page() -> None:
    form = login_form(LOGIN)
    assert form is not None
    sent = filled(form, LOGIN, ("warga", "desa"), ["username=+62{user}", "pin={password}"])
    assert dict(sent) == {"username": "+62warga", "p": "desa", "pin": "desa"}


def test_chap_is_md5_of_id_password_and_challenge() -> None:
    page = r"hexMD5('\371' + document.login.password.value + '\357\015\'\x41b')"
    assert chap(page, "desa") == md5(b"\xf9desa\xef\x0d'Ab").hexdigest()
    assert chap(LOGIN, "desa") == ""


@pytest.mark.parametrize(
    ("page", "to"),
    [
        ('<meta http-equiv="refresh" content="0; url=http://login.desa/a?b=1&amp;c">', "a?b=1&c"),
        ("<script>window.location.href = 'http://login.desa/x';</script>", "x"),
        ('<script>location.replace("http://login.desa/x")</script>', "x"),
        (f"<script>location = 'http://login.desa/x'</script>{CLICK}", None),
        ("<p>location</p>", None),
    ],
    ids=["refresh", "script", "replace", "a page with a form stays", "none"],
)
def test_a_page_that_leads_on_is_followed(page: str, to: str | None) -> None:
    assert onward(page) == (f"http://login.desa/{to}" if to else "")


@pytest.mark.parametrize(
    ("page", "addresses", "own", "bill"),
    [
        ("<title>Layanan diisolir</title>", (), False, True),
        ("", ("http://isolir.isp.id/",), False, True),
        ("", ("http://isp.id/x?u=isolir",), False, False),
        ("Tagihan bulan ini: <b>virtual account</b> 123", (), False, True),
        ("Tagihan", (), False, False),
        (f"Pembayaran voucher, tagihan warnet {LOGIN}", (), False, False),
        (f"Akun yang menunggak dapat diblokir sementara {CLICK}", (), True, False),
        (f"Tagihan Anda belum dibayar {CLICK}", (), False, True),
        ("Tagihan Anda belum dibayar", (), True, True),
        ("Selamat datang di wifi desa", (), False, False),
    ],
)
def test_a_bill_is_told_from_a_portal(
    page: str, addresses: tuple[str, ...], own: bool, bill: bool
) -> None:
    assert of_provider(page, addresses, own) is bill


@pytest.mark.parametrize(
    "piece", ["<form ", "<script>", "<!--", '<input a="', "hexMD5('", "<a", "<title"]
)
def test_a_hostile_page_does_not_hold_us_up(piece: str) -> None:
    page = piece * (200_000 // len(piece))
    begun = thread_time()
    assert not of_provider(page, (), False)
    assert onward(page) == chap(page, "x") == ""
    login_form(page)
    assert thread_time() - begun < 2


ANY = Journey("h")
NAMED = Journey("h", portal=f"http://{GATE}/login", login=True, login_host="radius.desa.id")


@for_each(
    ("rule", "where", "found"),
    [
        (ANY, seen("http://c.g/204", "", 204), Place.OUTSIDE),
        (ANY, seen("http://c.g/204", "x", 200), Place.ELSEWHERE),
        (ANY, seen(f"http://{GATE}/login", "x", 200, "way"), Place.PORTAL),
        (ANY, seen("http://portal.id/", LOGIN, 200, "way"), Place.PORTAL),
        (ANY, seen("http://c.g/204", LOGIN), Place.PORTAL),
        (ANY, seen("http://c.g/204", "x", 511), Place.PORTAL),
        (ANY, seen("http://c.g/204", "", 502), Place.ELSEWHERE),
        (NAMED, seen("http://portal.id/", LOGIN, 200, "way"), Place.ELSEWHERE),
        (NAMED, seen("http://c.g/204", LOGIN.replace("/login", f"//{GATE}/login")), Place.PORTAL),
        (NAMED, seen("http://isolir.isp.id/", LOGIN, 200, "way"), Place.PROVIDER),
        (NAMED, seen(f"http://{GATE}/login", "Tagihan Anda belum dibayar"), Place.PROVIDER),
        (Journey("h", expect="Success"), seen("http://a.c/", "<b>success</b>"), Place.OUTSIDE),
    ],
)
def test_where_a_guest_has_ended(rule: Journey, where: Seen, found: Place) -> None:
    assert place(rule, where, {GATE}) is found


@pytest.mark.parametrize(
    ("portal", "url", "allowed"),
    [
        (f"http://{GATE}/login", f"http://{GATE}:8080/x", True),
        (f"http://{GATE}/login", "http://RADIUS.desa.id/x", True),
        (f"http://{GATE}/login", "http://steal.id/", False),
        (f"http://{GATE}/login", f"http://steal.id/{GATE}", False),
        (f"http://{GATE}/login", "javascript:x", False),
        ("https://login.desa.id/", "https://login.desa.id/in", True),
        ("https://login.desa.id/", "http://login.desa.id/in", False),
    ],
)
def test_what_is_typed_goes_where_it_was_allowed_to(portal: str, url: str, allowed: bool) -> None:
    rule = Journey("h", portal=portal, login=True, login_host="radius.desa.id")
    assert on_portal(rule, url) is allowed


def test_a_login_page_is_judged() -> None:
    rule = Journey("h", must_match="Wifi Desa")
    assert judge_page(rule, seen("http://a.id/", f"wifi desa {LOGIN}")) == ""
    assert judge_page(rule, seen("http://a.id/", LOGIN)) == "the login page lacks 'Wifi Desa'"
    assert judge_page(Journey("h", form=False), seen("http://a.id/", "x")) == ""


def test_a_reason_holds_no_address_of_who_asked() -> None:
    told = say_page(seen("http://isp.id/x?mac=AA-BB-CC-DD-EE-FF", "<title>Halo</title>"))
    assert told == "isp.id (Halo)"


@for_each(
    ("settings", "problem"),
    [
        ({"login": True}, "portal: name the login page that a password may go to"),
        (
            {"login": True, "exempt": True, "portal": f"http://{GATE}/"},
            "login: a machine that is exempt has nowhere to sign in",
        ),
        ({"url": "https://desa.id/"}, "url: must be http://: no hotspot can lead away from https"),
        ({"url": "desa.id"}, "url: expected http://... or https://..., got 'desa.id'"),
        ({"portal": "login"}, "portal: expected http://... or https://..., got 'login'"),
        ({"logout": f"http://{GATE}/"}, "logout: goes with login"),
        ({"server": "dns"}, "server: must be an address, got 'dns'"),
        ({"interface": "a b"}, "interface: not an interface: 'a b'"),
        ({"identity": "02:00"}, "identity: expected own, or an address like 02:00:00:00:00:01"),
        ({"fields": ["voucher"]}, "fields: expected NAME=VALUE, got 'voucher'"),
        ({"timeout_s": 1}, "timeout_s: must be 5 to 60"),
        ({"must_match": [""]}, "must_match: an empty text stands in every page"),
        ({"login_host": "-x", "portal": f"http://{GATE}/"}, "login_host: not a host: '-x'"),
    ],
)
def test_a_journey_that_cannot_be_made_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as refused:
        build(Journey, {"name": "h", **settings})
    assert str(refused.value) == problem


def reply(number: int, options: bytes, client: bytes = CLIENT, op: int = 2) -> bytes:
    head = struct.pack(">BBBBI8x4s8x6s", op, 1, 6, 0, number, bytes([10, 5, 50, 9]), client)
    return head.ljust(236, b"\0") + b"\x63\x82\x53\x63" + options


OFFERED = bytes([53, 1, OFFER, 0, 54, 4, 10, 5, 50, 1, 3, 4, 10, 5, 50, 1, 6, 8, 1, 1, 1, 1, 8, 8])


def test_an_offer_is_read() -> None:
    told = answer(reply(7, OFFERED + bytes([8, 8, 255])), 7, CLIENT)
    assert told is not None
    assert (told.kind, told.address, told.server) == (OFFER, "10.5.50.9", GATE)
    assert (told.routers, told.dns) == ((GATE,), ("1.1.1.1", "8.8.8.8"))


@pytest.mark.parametrize(
    "message",
    [
        reply(8, OFFERED),
        reply(7, OFFERED, b"\x02other"),
        reply(7, OFFERED, op=1),
        reply(7, b""),
        reply(7, bytes([53])),
        reply(7, bytes([53, 200, 2])),
        b"\2" * 100,
        b"",
    ],
    ids=["another's", "client", "a question", "bare", "cut", "long", "short", "nothing"],
)
def test_what_answers_another_question_is_no_answer(message: bytes) -> None:
    assert answer(message, 7, CLIENT) is None


def test_a_question_travels_as_a_packet_and_only_to_servers() -> None:
    message = asked(DISCOVER, 7, CLIENT)
    sent = packet(message)
    assert struct.unpack_from(">HHH", sent, 20) == (68, 67, 8 + len(message))
    words = struct.unpack(">10H", sent[:20])
    assert (sum(words) & 0xFFFF) + (sum(words) >> 16) == 0xFFFF, "the checksum of the head"
    assert inside(sent) == b"", "not for clients"
    back = sent[:20] + struct.pack(">HHHH", 67, 68, 8 + len(message), 0) + message
    assert inside(back) == message
    assert message[240:243] == bytes([53, 1, DISCOVER])
    assert asked(INFORM, 7, CLIENT, "10.5.50.9")[12:16] == bytes([10, 5, 50, 9])


@for_each("cut", range(0, 29))
def test_a_broken_packet_holds_nothing(cut: int) -> None:
    assert inside(packet(b"")[:cut]) == b""


def test_the_identity_is_fixed_and_nobodys() -> None:
    mine = Nic("eth0", b"\xda\xa9\x69\x10\xcb\xdd", "", "")
    assert identity("", mine) == identity("", mine)
    assert identity("", mine)[0] == 2
    assert identity("", mine) != mine.hardware
    assert identity("own", mine) == mine.hardware
    assert identity("02:00:00:00:00:0a", mine) == b"\x02\0\0\0\0\n"


@pytest.mark.parametrize(
    ("to", "there"),
    [("?a=1", "http://a.id/b/c?a=1"), ("./x", "http://a.id/b/x"), ("/y", "http://a.id/y")],
)
def test_a_form_sends_beside_its_page(to: str, there: str) -> None:
    assert join("http://a.id/b/c?old=1", to) == there


@pytest.mark.parametrize(
    ("action", "where"),
    [
        ("https://elsewhere.example/in?mac=02:00:00:00:00:01", "https://elsewhere.example/in"),
        ("https://login.desa:99999/in", "https://login.desa:99999/in"),
        ("intent://login?mac=02:00:00:00:00:01", "intent://login"),
    ],
    ids=["elsewhere", "no port", "no web address"],
)
def test_a_form_that_sends_elsewhere_is_told_without_its_query(action: str, where: str) -> None:
    walk = Walk(Journey("j", portal="https://login.desa/", login=True), {}, monotonic())
    with pytest.raises(ProbeFailed) as failed:
        walk._submit(seen("https://login.desa/"), Form(action))
    words = f"the login page sends to {where}, which is not configured for it"
    assert str(failed.value) == words
