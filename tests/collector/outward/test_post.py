"""Bodies of remote_write: what they hold, and what an answer to one means."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.authority import ensure_ca
from collector.foreign.body import inflate
from collector.foreign.protobuf import read_request
from collector.outward.encode import Piece, label_fields, write_request
from collector.outward.post import Poster, Receiver, Verdict, judge
from tests.collector.outward import receiver as fake
from tests.each import for_each

STALE = 0x7FF0000000000002
NAMES = {"site": "35.10", "__name__": "ronda_uplink_up", "isp": "", "village": "Désa " * 40}


@pytest.fixture
def door() -> Iterator[fake.Receiver]:
    with fake.running() as made:
        yield made


def test_a_request_holds_series_as_they_were_with_labels_in_order_and_every_bit() -> None:
    values = struct.pack("<dQd", 1.5, STALE, 0.0)
    times = (-5, 1_700_000_000_000, 0)
    body = write_request([Piece(label_fields(NAMES), times, values)] * 3)
    told = list(read_request(inflate(body)))
    assert len(told) == 3
    assert [name.decode() for name, _ in told[0].labels] == ["__name__", "site", "village"]
    assert told[2].times_ms == list(times)
    assert struct.pack("<3Q", *told[2].bits) == values


@for_each(
    ("status", "retry_after", "verdict", "wait_s"),
    [
        (200, "", Verdict.ACCEPTED, None),
        (204, "", Verdict.ACCEPTED, None),
        (400, "5", Verdict.REFUSED, None),
        (413, "", Verdict.REFUSED, None),
        (422, "", Verdict.REFUSED, None),
        (429, "7", Verdict.LATER, 7.0),
        (408, "", Verdict.LATER, None),
        (500, "", Verdict.LATER, None),
        (503, "999999", Verdict.LATER, 600.0),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", Verdict.LATER, None),
        (301, "", Verdict.WRONG, None),
        (401, "", Verdict.WRONG, None),
        (404, "", Verdict.WRONG, None),
    ],
)
def test_what_an_answer_means(
    status: int, retry_after: str, verdict: Verdict, wait_s: float | None
) -> None:
    answer = judge(status, "said", retry_after)
    assert (answer.verdict, answer.wait_s) == (verdict, wait_s)


def test_a_receiver_hears_who_we_are_and_its_words_do_not_give_the_secret_away(
    door: fake.Receiver,
) -> None:
    door.judge = lambda _: (400, {}, "no\n series of s3cret\x00 here")
    poster = Poster(Receiver(door.url, secret="s3cret", tenant="banyuwangi"))
    answer = poster.post(write_request([]))
    assert answer.problem == "400 no series of *** here"
    assert door.asked[0]["Authorization"] == "Bearer s3cret"
    assert door.asked[0]["X-Scope-OrgID"] == "banyuwangi"
    named = Poster(Receiver(door.url, "noc", "s3cret"))
    named.post(write_request([]))
    assert door.asked[1]["Authorization"] == "Basic bm9jOnMzY3JldA=="
    assert "s3cret" not in repr(Receiver(door.url, "noc", "s3cret"))
    poster.close()
    named.close()


def test_an_idle_connection_that_was_closed_is_opened_again(door: fake.Receiver) -> None:
    door.judge = lambda _: (200, {"Connection": "keep-alive"}, "x" * 10_000)
    poster = Poster(Receiver(door.url))
    assert poster.post(write_request([])).verdict is Verdict.ACCEPTED
    door.judge = lambda _: fake.TAKEN
    assert poster.post(write_request([])).verdict is Verdict.ACCEPTED
    assert poster._connection is not None and poster._connection.sock is not None
    poster._connection.sock.shutdown(socket.SHUT_RDWR)
    assert poster.post(write_request([])).verdict is Verdict.ACCEPTED
    poster.close()


@pytest.mark.parametrize("drips", [False, True], ids=["says nothing", "answers in drops"])
def test_who_hangs_is_not_waited_for(drips: bool) -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang() -> None:
            other, _ = listener.accept()
            with other:
                while drips and not done.wait(0.02):
                    try:
                        other.sendall(b"H")
                    except OSError:
                        return
                done.wait(10)

        thread = threading.Thread(target=hang)
        thread.start()
        port = listener.getsockname()[1]
        poster = Poster(Receiver(f"http://127.0.0.1:{port}/w"), limit_s=0.3)
        answer = poster.post(b"x")
        done.set()
        thread.join()
    assert answer.verdict is Verdict.LATER
    assert "0.3 s" in answer.problem or "timed out" in answer.problem


def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the machine's own clock, because OpenSSL asks it
    served = ensure_ca(tmp_path / "tls", ["127.0.0.1"], tmp_path.stat().st_mtime)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.cert, served.key)
    with fake.running(context) as door:
        stranger = Poster(Receiver(door.url, secret="s3cret"))
        answer = stranger.post(write_request([]))
        said = "its certificate is not believed: "
        assert (answer.verdict, answer.problem[: len(said)]) == (Verdict.WRONG, said)
        assert door.posts == 0
        ours = tmp_path / "ca.pem"
        ours.write_text(served.ca_pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(ours))
        known = Poster(Receiver(door.url, secret="s3cret"))
        assert known.post(write_request([])).verdict is Verdict.ACCEPTED
        known.close()


def test_nobody_there_is_somebody_who_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answer = Poster(Receiver(f"http://127.0.0.1:{port}/w")).post(b"x")
    assert answer.verdict is Verdict.LATER
    assert answer.problem == "Connection refused"
