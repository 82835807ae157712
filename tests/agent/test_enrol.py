"""A code becomes a token, once, whatever gets lost on the way."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agent.clock import Clock
from agent.enrol import NotEnrolled, Patience, Request, enrol, fingerprint_of, host_keys
from agent.identity import Home, Identity, public
from agent.strict import Refused
from tests.agent.fake_collector import FakeCollector, collector, showing_its_ca
from tests.agent.servers import Authority


class Waiting:
    """Time passes only by waiting."""

    def __init__(self, wait_s: float = 0.0) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.patience = Patience(wait_s, lambda: self.now, self.pause)

    def pause(self, wait_s: float) -> None:
        self.pauses.append(wait_s)
        self.now += wait_s


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(str(tmp_path / "deep" / "home"))


def ask(home: Home, url: str, code: str = "ABCD", ca: str = "", wait_s: float = 0.0) -> Identity:
    return enrol(home, Request(url, code, "kantor", ca), Clock(), Waiting(wait_s).patience)


def test_a_code_becomes_an_identity_that_only_its_owner_reads(
    home: Home, centre: FakeCollector
) -> None:
    identity = ask(home, centre.url)
    assert (identity.agent, identity.token, identity.site) == ("7", "token-1", "35.10.06.2005")
    assert home.identity() == identity
    assert stat.S_IMODE(os.stat(home.folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(home.path("identity.json")).st_mode) == 0o600
    (said,) = centre.requests
    assert set(said.json) == {"code", "name", "boot", "nonce", "host_keys"}
    assert said.json["name"] == "kantor"
    assert "token-1" not in str(public(identity))


def test_a_lost_answer_burns_nothing(home: Home, centre: FakeCollector) -> None:
    centre.lose_answers = 1
    with pytest.raises(NotEnrolled):
        ask(home, centre.url)
    # another process, another day
    assert ask(Home(home.folder), centre.url).token == "token-1"
    first, second = centre.requests
    assert first.json["nonce"] == second.json["nonce"]


def test_a_lost_answer_is_tried_again_while_there_is_patience(
    home: Home, centre: FakeCollector
) -> None:
    centre.lose_answers = 3
    waiting = Waiting(60)
    enrol(home, Request(centre.url, "ABCD", "kantor"), Clock(), waiting.patience)
    assert waiting.pauses == [5.0, 5.0, 5.0]


def test_approval_is_asked_for_each_minute(home: Home, centre: FakeCollector) -> None:
    centre.waiting = 3
    waiting = Waiting(3600)
    enrol(home, Request(centre.url, "ABCD", "kantor"), Clock(), waiting.patience)
    assert waiting.pauses == [60.0, 60.0, 60.0]


def test_waiting_for_approval_has_an_end(home: Home, centre: FakeCollector) -> None:
    centre.waiting = 1000
    with pytest.raises(NotEnrolled, match="not approved it yet"):
        ask(home, centre.url, wait_s=600)


def test_a_refused_code_says_why(home: Home, centre: FakeCollector) -> None:
    with pytest.raises(NotEnrolled, match="the code is not known"):
        ask(home, centre.url, "WRONG")


def test_the_same_command_again_changes_nothing(home: Home, centre: FakeCollector) -> None:
    first = ask(home, centre.url)
    assert ask(home, centre.url) == first
    assert len(centre.requests) == 1


def test_another_code_enrols_an_agent_anew_and_a_wrong_one_leaves_it_as_it_was(
    home: Home, centre: FakeCollector
) -> None:
    first = ask(home, centre.url)
    with pytest.raises(NotEnrolled):
        ask(home, centre.url, "WRONG")
    assert home.identity() == first
    centre.codes.add("EFGH")
    second = ask(home, centre.url, "EFGH")
    assert (home.identity(), second.code, second.nonce) == (second, "EFGH", "")
    assert home.pending() is None


def test_a_machine_that_moves_does_not_tell_of_the_old_village_there(
    home: Home, centre: FakeCollector
) -> None:
    ask(home, centre.url)
    centre.codes |= {"SAME", "MOVED"}
    os.makedirs(home.path("spool"))
    ask(home, centre.url, "SAME")
    assert os.path.exists(home.path("spool"))
    centre.site = "35.10.06.2006"
    ask(home, centre.url, "MOVED")
    assert not os.path.exists(home.path("spool"))


def test_enrolling_anew_mends_a_spoilt_identity(home: Home, centre: FakeCollector) -> None:
    home.make()
    Path(home.path("identity.json")).write_text("{")
    assert ask(home, centre.url).token == "token-1"


def test_the_agent_has_to_be_stopped_before_it_is_enrolled_anew(
    home: Home, centre: FakeCollector
) -> None:
    home.make()
    running = home.lock()
    # nothing is written: the disk may be full or read-only
    assert os.listdir(home.folder) == []
    with pytest.raises(Refused, match="another agent runs on this folder"):
        ask(home, centre.url)
    os.close(running)
    ask(home, centre.url)


def test_a_strange_address_is_wrong_usage(home: Home) -> None:
    with pytest.raises(Refused, match="URL: expected http"):
        ask(home, "centre:8090")
    assert not os.path.exists(home.folder)


def test_an_address_that_is_no_collector_is_said(home: Home, centre: FakeCollector) -> None:
    with pytest.raises(NotEnrolled, match="answers 404: is this the address of a collector?"):
        ask(home, centre.url + "/console")


# --- TLS --------------------------------------------------------------------------------------


def fingerprint(authority: Authority) -> str:
    return fingerprint_of(authority.certificate.public_bytes(Encoding.DER))


def test_the_code_pins_the_ca_at_first_contact(home: Home, tmp_path: Path) -> None:
    authority = Authority()
    with collector(showing_its_ca(authority, tmp_path)) as centre:
        identity = ask(home, centre.url, f"ABCD.{fingerprint(authority)}")
        assert len(fingerprint(authority)) == 26
        assert identity.ca == authority.pem
        assert centre.requests[0].json["code"] == "ABCD"


def test_another_ca_gets_neither_code_nor_token(home: Home, tmp_path: Path) -> None:
    with collector(showing_its_ca(Authority(), tmp_path)) as centre:
        with pytest.raises(Refused, match="does not show the certificate"):
            ask(home, centre.url, f"ABCD.{fingerprint(Authority())}")
        assert centre.requests == []


def test_without_a_fingerprint_a_ca_nobody_knows_is_refused(home: Home, tmp_path: Path) -> None:
    authority = Authority()
    with collector(showing_its_ca(authority, tmp_path)) as centre:
        with pytest.raises(NotEnrolled, match="certificate of localhost"):
            ask(home, centre.url)
        assert centre.requests == []
        assert ask(home, centre.url, ca=authority.pem).ca == authority.pem


def test_the_ca_of_the_answer_is_the_one_pinned(home: Home, tmp_path: Path) -> None:
    authority, other = Authority(), Authority()
    with collector(showing_its_ca(authority, tmp_path)) as centre:
        centre.ca = other.pem
        assert ask(home, centre.url, ca=authority.pem).ca == other.pem


# --- the folder -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("identity.json", "{", lambda h: h.identity()),
        ("identity.json", "[]", lambda h: h.identity()),
        ("identity.json", '{"url": 5}', lambda h: h.identity()),
        ("config.json", "half", lambda h: h.config()),
    ],
)
def test_a_spoilt_file_is_named(
    home: Home, name: str, text: str, read: Callable[[Home], object]
) -> None:
    home.make()
    Path(home.path(name)).write_text(text)
    with pytest.raises(Refused, match=name):
        read(home)


def test_host_keys_are_kind_and_key_only() -> None:
    assert all(len(key.split()) == 2 for key in host_keys())
