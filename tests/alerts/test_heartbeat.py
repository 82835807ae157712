"""The heartbeat beats while the centre works, and only then."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.strict import Refused
from alerts import heartbeat
from alerts.heartbeat import Beat, Heartbeat, Why, judged
from collector.db import meta_set, reading, writing
from collector.doctor import examine
from collector.evidence import seals
from collector.evidence.seals import Draft
from collector.evidence.signing import Signer
from collector.settings import load
from tests.alerts.channels.listener import LOOPBACK, Listener, listening, reply
from tests.alerts.village import NINE, Village, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        folded(made, NINE)
        yield made


def folded(here: Village, at: float, lag_s: float = 0.1) -> None:
    with writing(here.store) as connection:
        said = {"position": 1, "lag_s": lag_s, "at": at}
        meta_set(connection, "fold_status", json.dumps(said))


def heart(here: Village, there: Listener, every_s: float = 60.0) -> Heartbeat:
    url = f"{there.base}/ping/geheim-1234"
    settings = replace(here.settings, heartbeat_url=url, heartbeat_every_s=every_s)
    return Heartbeat(settings, here.store, LOOPBACK)


def last(here: Village) -> Beat | None:
    with reading(here.store) as connection:
        return heartbeat.last(connection)


@pytest.mark.parametrize(
    ("lag_s", "age_s", "waits_s", "why"),
    [
        (0.1, 1, None, Why.WELL),
        (30, 30, 120, Why.WELL),
        (0.1, 31, None, Why.FOLD_SILENT),
        (31, 1, None, Why.FOLD_BEHIND),
        (0.1, 1, 121, Why.STUCK),
        (0.1, 1, -600, Why.WELL),
    ],
    ids=["well", "just so", "silent", "behind", "stuck", "held for the morning"],
)
def test_the_centre_is_judged(lag_s: float, age_s: float, waits_s: float | None, why: Why) -> None:
    waits = None if waits_s is None else NINE - waits_s
    assert judged(lag_s, NINE - age_s, waits, NINE) is why


def test_it_beats_once_an_interval(here: Village) -> None:
    with listening(reply(200, "OK")) as there:
        heart_ = heart(here, there)
        for after_s in (0, 1, 59, 60, 61, 119.9, 120):
            folded(here, NINE + after_s)
            heart_.beat(NINE + after_s)
            heart_.wait()
    assert len(there.heard) == 3
    assert there.heard[0].startswith(b"GET /ping/geheim-1234 HTTP/1.1\r\n")
    assert last(here) == Beat(True, "200 OK", NINE + 120, "127.0.0.1")


def test_the_head_of_the_evidence_goes_along(here: Village) -> None:
    with writing(here.store) as connection:
        told = {"from": 0, "to": 86400, "zone": "UTC", "lines": []}
        draft = Draft("day", "35.10.06.2005", "2026-10-01", told)
        head = seals.append(connection, [draft], Signer(b"k" * 32), 1000)
    with listening(reply(200, "OK")) as there:
        heart_ = heart(here, there)
        heart_.beat(NINE)
        heart_.wait()
    asked = there.heard[0].split(b"\r\n")[0].decode()
    assert asked == f"GET /ping/geheim-1234?ronda_head=1:{head.link} HTTP/1.1"
    more = heartbeat.with_head("https://user:pw@there/x?a=1", head)
    assert more == f"https://user:pw@there/x?a=1&ronda_head=1:{head.link}"


def test_while_the_fold_stands_still_nobody_is_asked(here: Village) -> None:
    with listening(reply(200, "OK")) as there:
        heart_ = heart(here, there)
        heart_.beat(NINE + 100)
        heart_.wait()
        assert there.heard == []
        folded(here, NINE + 110)
        assert not heart_.beat(NINE + 105)
        assert heart_.beat(NINE + 110)
        heart_.wait()
        assert len(there.heard) == 1


def test_while_messages_do_not_leave_nobody_is_asked(here: Village) -> None:
    here.say("bad", NINE)
    here.alerts.step(NINE + 1, here.rev)
    folded(here, NINE + 200)
    with listening(reply(200, "OK")) as there:
        heart_ = heart(here, there)
        heart_.beat(NINE + 200)
        heart_.wait()
        found = last(here)
        assert found is not None
        assert (found.fine, found.says) == (False, "held back: messages do not leave")
        assert there.heard == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (reply(500, "down"), "500 down"),
        (reply(200, '{"ok":false,"reason":"no such check"}'), "200, but it says no such check"),
        (reply(404, "no /ping/geheim-1234 here"), "404 no /*** here"),
        (reply(302, ""), "302: it points elsewhere"),
        (b"", "127.0.0.1: closed without an answer"),
    ],
)
def test_the_answer_is_judged_and_its_secret_is_not_shown(
    here: Village, answer: bytes, says: str
) -> None:
    with listening(answer) as there:
        heart_ = heart(here, there)
        heart_.beat(NINE)
        heart_.wait()
    found = last(here)
    assert found is not None
    assert not found.fine
    assert found.says.startswith(says)
    assert "geheim" not in found.says


def test_it_does_not_reach_into_the_centres_own_networks(here: Village) -> None:
    with listening(reply(200, "OK")) as there:
        settings = replace(here.settings, heartbeat_url=f"{there.base}/x")
        heart_ = Heartbeat(settings, here.store)
        heart_.beat(NINE)
        heart_.wait()
        found = last(here)
        assert found is not None
        assert "list it in allow_targets" in found.says
        assert there.heard == []


def test_without_an_address_it_does_nothing(here: Village) -> None:
    assert not Heartbeat(here.settings, here.store).beat(NINE)


@pytest.mark.parametrize(
    ("beat", "after_s", "fine", "says"),
    [
        (None, 0, False, "none yet"),
        (Beat(True, "200 OK", NINE, "hc.id"), 30, True, "to hc.id, 30 s ago: 200 OK"),
        (Beat(False, "500 down", NINE, "hc.id"), 30, False, "to hc.id, 30 s ago: 500 down"),
        (Beat(True, "200 OK", NINE, "hc.id"), 600, False, "to hc.id, 600 s ago: 200 OK"),
    ],
    ids=["none yet", "well", "refused", "old"],
)
def test_the_doctor_tells_of_it(
    here: Village, beat: Beat | None, after_s: float, fine: bool, says: str
) -> None:
    if beat is not None:
        values = {name: getattr(beat, name) for name in Beat.__slots__}
        with writing(here.store) as connection:
            meta_set(connection, heartbeat.KEY, json.dumps(values))
    settings = replace(here.settings, heartbeat_url="https://hc.id/x")
    (found,) = [f for f in examine(settings, NINE + after_s) if f.name == "heartbeat"]
    assert (found.fine, found.says) == (fine, says)
    assert not [f for f in examine(here.settings, NINE) if f.name == "heartbeat"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "ftp://x"),
        ("URL", "hc.id"),
        ("EVERY_S", "1"),
        ("EVERY_S", "nan"),
        ("EVERY_S", "inf"),
    ],
)
def test_a_heartbeat_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"heartbeat_{name.lower()}"):
        load(environment={f"RONDA_HEARTBEAT_{name}": value})
