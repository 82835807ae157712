"""A webhook takes a message when it says so, and is not reached where nobody allowed it."""

import hashlib
import hmac
import json
import socket
import time
from dataclasses import replace

import pytest

from alerts.channels import NotifyFailed
from alerts.channels.webhook import Webhook, as_alertmanager
from tests.alerts.channels.listener import LOOPBACK, listening, reply
from tests.each import for_each

MESSAGE = {"incident": 12, "text": "GANGGUAN: sideka Désa Benculuk"}


def refused(answer: bytes, drip_s: float = 0.0, limit_s: float = 5.0) -> NotifyFailed:
    with listening(answer, drip_s=drip_s) as there, pytest.raises(NotifyFailed) as failed:
        Webhook(web=replace(LOOPBACK, limit_s=limit_s)).send(there.url, MESSAGE)
    return failed.value


def test_a_message_arrives_as_json() -> None:
    with listening(reply(200, "terima kasih")) as there:
        answer = Webhook(web=LOOPBACK).send(there.url, MESSAGE)
    assert answer == "200 terima kasih"
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{there.port}".encode() in head
    assert b"application/json" in head
    assert json.loads(body) == MESSAGE


def test_a_body_is_signed_with_the_secret() -> None:
    with listening(reply(200)) as there:
        Webhook("s3cret", LOOPBACK).send(there.url, MESSAGE)
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert f"X-Ronda-Signature: sha256={expected}".encode() in head


@pytest.mark.parametrize(("news", "status"), [("opened", "firing"), ("resolved", "resolved")])
def test_an_address_that_wants_alertmanagers_form_gets_it(news: str, status: str) -> None:
    told = {
        **MESSAGE,
        "news": news,
        "title": "sideka Benculuk",
        "severity": "critical",
        "site": {"code": "35.10.12.2004"},
        "down_since": "2025-11-24T02:15:00Z",
        "resolved_at": "2025-11-24T03:15:00Z",
    }
    with listening(reply(200)) as there:
        Webhook(web=LOOPBACK).send(f"{there.base}/am#alertmanager", told)
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /am HTTP/1.1\r\n")
    sent = json.loads(body)
    (alert,) = sent["alerts"]
    assert (sent["version"], sent["status"], alert["status"]) == ("4", status, status)
    assert alert["labels"]["alertname"] == "sideka Benculuk" and alert["labels"]["incident"] == "12"
    assert alert["startsAt"] == "2025-11-24T02:15:00Z" and len(alert["fingerprint"]) == 16
    # zero is how Alertmanager says "not yet"
    assert alert["endsAt"][:4] == ("2025" if news == "resolved" else "0001")


INCIDENT = {
    "id": 4821, "subject": "uplink", "title": "Sumbersari", "cause": "fiber",
    "severity": "critical", "sites": ["35.10.06.2005"], "down_since": "2026-11-21T23:12:25Z",
    "resolved_at": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "incident", "told"),
    [
        ("opened", {"state": "open"}, ("firing", "Sumbersari", "4821", "0001-01-01T00:00:00Z")),
        (
            "acknowledged",
            {"state": "acknowledged"},
            ("firing", "Sumbersari", "4821", "0001-01-01T00:00:00Z"),
        ),
        (
            "resolved",
            {"state": "resolved", "resolved_at": "2026-11-22T01:00:00Z"},
            ("resolved", "Sumbersari", "4821", "2026-11-22T01:00:00Z"),
        ),
        ("trial", None, ("resolved", "trial", "0", "2026-11-22T01:30:00Z")),
    ],
)
def test_a_step_of_an_incident_has_alertmanagers_form_too(
    event: str, incident: dict[str, object] | None, told: tuple[str, ...]
) -> None:
    whole = None if incident is None else INCIDENT | incident
    letter = {"event": event, "at": "2026-11-22T01:30:00Z", "incident": whole, "notice": 7}
    (alert,) = as_alertmanager(letter)["alerts"]
    labels = alert["labels"]
    assert (alert["status"], labels["alertname"], labels["incident"], alert["endsAt"]) == told
    assert labels["site"] == ("35.10.06.2005" if whole else "")


def test_a_name_and_a_password_in_the_address_become_basic_auth() -> None:
    with listening(reply(204)) as there:
        url = there.url.replace("//", "//ronda:p%40ss@")
        assert Webhook(web=LOOPBACK).send(url, MESSAGE) == "204"
    head = there.heard[0].partition(b"\r\n\r\n")[0]
    assert b"Authorization: Basic cm9uZGE6cEBzcw==" in head and b"ronda:p" not in head


@for_each(
    ("answer", "permanent", "words"),
    [
        (reply(500, "oops"), False, "500 oops"),
        (reply(503), False, "503"),
        (reply(408), False, "408"),
        (reply(429), False, "429"),
        (reply(400, "bad json"), True, "400 bad json"),
        (reply(401), True, "401"),
        (reply(404), True, "404"),
        (reply(410), True, "410"),
        (reply(302, extra="Location: http://127.0.0.1/\r\n"), True, "302: it points elsewhere"),
        (reply(200, '{"status":false,"reason":"no quota"}'), False, "200, but it says no quota"),
        (reply(200, '{"ok":false,"error":"chat"}'), False, "200, but it says chat"),
        (reply(200, '{"success":false}'), False, "200, but it says"),
        (reply(200, '{"error":"device"}'), False, "200, but it says device"),
        (b"SSH-2.0-dropbear\r\n", False, "127.0.0.1: the answer is not HTTP"),
        (b"", False, "127.0.0.1: closed without an answer"),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help(
    answer: bytes, permanent: bool, words: str
) -> None:
    failed = refused(answer)
    assert failed.permanent is permanent
    assert str(failed).startswith(words)


@pytest.mark.parametrize(
    "body", ['{"status":true}', '{"ok":true,"error":null}', '{"status":"ok"}', "[1]", "<html>"]
)
def test_a_body_that_does_not_refuse_is_a_yes(body: str) -> None:
    with listening(reply(200, body)) as there:
        assert Webhook(web=LOOPBACK).send(there.url, MESSAGE).startswith("200 ")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("Retry-After: 17\r\n", 17), ("Retry-After: 1e9\r\n", 3600), ("Retry-After: x\r\n", None)],
)
def test_retry_after_is_passed_on_within_reason(header: str, expected: float | None) -> None:
    assert refused(reply(429, extra=header)).retry_after_s == expected


def test_an_answer_in_chunks_is_read() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n2\r\nfg\r\n0\r\n\r\n"
    )
    with listening(chunked) as there:
        assert Webhook(web=LOOPBACK).send(there.url, MESSAGE) == "200 abcdefg"


def test_a_dripping_answer_cannot_hold_us() -> None:
    began = time.monotonic()
    failed = refused(reply(200, "x" * 200), drip_s=0.02, limit_s=0.3)
    assert time.monotonic() - began < 6
    assert (str(failed), failed.permanent) == ("127.0.0.1: no answer in time", False)


def test_an_endless_answer_is_cut() -> None:
    with listening(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000) as there:
        assert Webhook(web=LOOPBACK).send(there.url, MESSAGE).startswith("200 xxx")


def test_nobody_there_is_trouble_that_may_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotifyFailed, match="Connection refused") as failed:
        Webhook(web=LOOPBACK).send(f"http://127.0.0.1:{port}/", MESSAGE)
    assert not failed.value.permanent


def test_loopback_is_refused_unless_listed_and_nothing_is_sent() -> None:
    with listening(reply(200)) as there:
        with pytest.raises(NotifyFailed, match="127.0.0.1 is this machine") as failed:
            Webhook().send(there.url, MESSAGE)
        with pytest.raises(NotifyFailed, match="is this machine"):
            Webhook().send(there.url.replace("127.0.0.1", "localhost"), MESSAGE)
    assert failed.value.permanent and there.heard == []


@pytest.mark.parametrize("url", ["ftp://x.test/", "http://", "centre:8090", "http://x:99999/"])
def test_what_is_no_address_fails_for_good(url: str) -> None:
    with pytest.raises(NotifyFailed) as failed:
        Webhook(web=LOOPBACK).send(url, MESSAGE)
    assert failed.value.permanent


def test_a_channel_of_alertmanagers_format_sends_it_to_every_address() -> None:
    with listening(reply(200, "ok")) as there:
        channel = Webhook(web=LOOPBACK, format="alertmanager")
        channel.send(f"{there.base}/am", {"incident": 7, "news": "opened", "title": "x"})
    told = json.loads(there.heard[0].partition(b"\r\n\r\n")[2])
    assert told["version"] == "4"
    assert [alert["status"] for alert in told["alerts"]] == ["firing"]
