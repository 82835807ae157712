"""Webhooks of incidents: each step once, in order, signed, and nowhere that nobody allowed."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from agent.strict import Refused
from alerts import announcing, hands, incidents, steering, webhooks
from alerts.announcing import event
from alerts.incidents import New
from alerts.webhooks import Wanted
from collector import schema
from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import DEMO
from tests.alerts.channels.listener import Listener, listening, reply
from tests.alerts.village import CODE, NINE, Village, contact, village

SECRET = "kentongan di pos ronda"
OTHER = "35.10.11.2002"


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    allowed = {"allow_targets": ("127.0.0.0/8",)}
    nobody = contact("sari", webhook="")
    with village(tmp_path, nobody, database_url=database_url, **allowed) as made:
        made.be("normal", NINE - 3600)
        yield made


@pytest.fixture
def there() -> Iterator[Listener]:
    with listening(reply(200)) as made:
        yield made


def add(here: Village, url: str, *areas: str, name: str = "tiket") -> int:
    wanted = Wanted(name, url, areas, secret=SECRET)
    with writing(here.store) as connection:
        key = load_secret(here.folder)
        return webhooks.add(connection, key, wanted, NINE, "budi")[0]


def told(there: Listener) -> list[tuple[str, int]]:
    """Event and incident of each message, in the order they came."""
    found = [json.loads(one.partition(b"\r\n\r\n")[2]) for one in there.heard]
    return [(one["event"], one["incident"]["id"]) for one in found]


def open_at(here: Village, site: str) -> int:
    new = New(f"site:{site}", "uplink", "critical", site, NINE, site=site)
    with writing(here.store) as connection:
        return incidents.open_incident(connection, new, NINE)


@pytest.mark.slow
def test_each_step_of_an_incident_is_told_once(here: Village, there: Listener) -> None:
    add(here, there.url)
    here.say("bad", NINE, "HTTP 502 instead of 200")
    here.step(NINE)
    here.step(NINE + 1)
    with writing(here.store) as connection:
        steering.ticket(connection, 1, "IN4711", NINE, "sari", NINE + 2)
    here.step(NINE + 2)
    with writing(here.store) as connection:
        hands.take(connection, 1, "sari", NINE + 3)
    here.step(NINE + 3)
    with writing(here.store) as connection:
        hands.handled(connection, 1, "sari", NINE + 4)
    here.step(NINE + 4)
    here.say("good", NINE + 600)
    here.step(NINE + 601)
    here.step(NINE + 602)
    steps = ["opened", "changed", "acknowledged", "handled", "resolved"]
    assert told(there) == [(step, 1) for step in steps]


def test_a_message_is_signed_with_its_time(here: Village, there: Listener) -> None:
    add(here, there.url)
    here.say("bad", NINE)
    here.step(NINE)
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    at = lines["X-Ronda-Signed-At"]
    signed = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert lines["X-Ronda-Timed-Signature"] == f"sha256={signed}"
    assert json.loads(body)["incident"]["sites"] == [CODE]


def test_a_crash_tells_nothing_twice(here: Village, there: Listener) -> None:
    add(here, there.url)
    here.say("bad", NINE)
    here.step(NINE)
    here.floor()
    here.step(NINE + 1)
    assert told(there) == [("opened", 1)]


def test_a_webhook_hears_of_its_areas_alone(here: Village, there: Listener) -> None:
    add(here, there.url, "35.10.11")
    open_at(here, CODE)
    number = open_at(here, OTHER)
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    assert told(there) == [("opened", number)]


def test_a_new_webhook_hears_of_what_is_open(here: Village, there: Listener) -> None:
    over, still = open_at(here, CODE), open_at(here, OTHER)
    with writing(here.store) as connection:
        incidents.resolve(connection, over, NINE)
    add(here, there.url)
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    assert told(there) == [("opened", still)]


def test_what_waits_is_told_as_it_is_by_then(here: Village, there: Listener) -> None:
    there.answers[:] = [reply(503, extra="Retry-After: 60\r\n"), reply(200)]
    add(here, there.url)
    number = open_at(here, CODE)
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    for minute, name in enumerate(("A1", "A2", "A3")):
        with writing(here.store) as connection:
            steering.ticket(connection, number, name, NINE, "sari", NINE + minute)
        here.alerts._announcer.step(NINE + minute)
    here.deliver(NINE + 3600)
    here.deliver(NINE + 3600)
    assert told(there) == [("opened", 1), ("opened", 1), ("changed", 1)]
    assert json.loads(there.heard[-1].partition(b"\r\n\r\n")[2])["incident"]["ticket"] == "A3"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://169.254.1.1/", "http://[::1]:9/"])
def test_own_networks_are_not_reached(tmp_path: Path, url: str) -> None:
    with village(tmp_path, contact("sari", webhook="")) as here:
        add(here, url)
        open_at(here, CODE)
        here.alerts._announcer.step(NINE)
        here.deliver(NINE)
        (notice,) = here.notices()
    assert (notice.state, notice.attempts) == ("failed", 1)
    assert "list it in allow_targets" in notice.answer


def test_what_was_removed_hears_no_more(here: Village, there: Listener) -> None:
    number = add(here, there.url)
    open_at(here, CODE)
    here.alerts._announcer.step(NINE)
    with writing(here.store) as connection:
        found = webhooks.find(connection, number)
        assert found is not None and webhooks.remove(connection, found, NINE, "budi")
    here.deliver(NINE)
    assert there.heard == []
    assert here.notices()[0].answer == "the webhook was removed or is off"


def test_a_demo_tells_nobody(tmp_path: Path) -> None:
    with village(tmp_path) as here:
        (here.folder / DEMO).touch()
        add(here, "http://tiket.test/")
        open_at(here, CODE)
        assert announcing.Announcer(here.settings, here.store).step(NINE) == 0


def test_a_secret_of_another_key_is_told_and_sends_nothing(here: Village, there: Listener) -> None:
    add(here, there.url)
    key = here.folder / "secret.key"
    key.write_bytes(bytes(reversed(key.read_bytes())))
    here.floor()
    open_at(here, CODE)
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    assert there.heard == []
    assert "enter it again" in here.notices()[0].answer


def test_after_a_restore_it_hears_of_what_is_open(here: Village, there: Listener) -> None:
    number = add(here, there.url)
    open_at(here, CODE)
    with writing(here.store) as connection:
        webhooks.told(connection, number, 99_999)
        connection.execute(delete(schema.notices))
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    assert told(there) == [("opened", 1)]


def was(state: str = "open", **more: Any) -> dict[str, Any]:
    return {"state": state, "cause": "", "deadline_at": None, **more}


EVENTS = {
    "new": (None, was(), "opened"),
    "over before anybody heard": (None, was("resolved"), None),
    "nothing differs": (was(), was(), None),
    "only the clock moved": (was(), was(deadline_at="2026-11-29T00:00:00Z"), None),
    "another cause": (was(), was(cause="fiber"), "changed"),
    "a key that was not told before": ({"state": "open"}, was(), "changed"),
    "taken": (was(), was("acknowledged", cause="fiber"), "acknowledged"),
    "handled": (was("acknowledged"), was("handled"), "handled"),
    "over": (was(), was("resolved"), "resolved"),
    "corrected afterwards": (was("resolved"), was("resolved", cause="power"), "changed"),
}


@pytest.mark.parametrize(("before", "now", "what"), EVENTS.values(), ids=list(EVENTS))
def test_what_happened_is_what_differs(before: Any, now: Any, what: str | None) -> None:
    assert event(before, now) == what


WRONG = {
    "no name": (Wanted("", "http://a.test/"), "name"),
    "no address": (Wanted("a", "ftp://a.test/"), "url"),
    "a short secret": (Wanted("a", "http://a.test/", secret="rahasia"), "secret"),
    "a name that is there": (Wanted("tiket", "http://a.test/"), "name"),
}


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(("wanted", "place"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_a_webhook_is_refused(here: Village, wanted: Wanted, place: str) -> None:
    add(here, "http://tiket.test/")
    with writing(here.store) as connection, pytest.raises(Refused) as refused:
        webhooks.add(connection, load_secret(here.folder), wanted, NINE, "budi")
    assert refused.value.place == place


def test_a_secret_stands_nowhere_in_the_open(here: Village) -> None:
    add(here, "http://tiket.test/")
    with reading(here.store) as connection:
        rows = [
            row for t in (schema.webhooks, schema.acts) for row in connection.execute(t.select())
        ]
    assert SECRET not in repr(rows)


def test_one_that_comes_after_another_is_not_taken_for_it(here: Village, there: Listener) -> None:
    first = add(here, there.url)
    number = open_at(here, CODE)
    here.alerts._announcer.step(NINE)
    with writing(here.store) as connection:
        found = webhooks.find(connection, first)
        assert found is not None and webhooks.remove(connection, found, NINE, "budi")
    second = add(here, there.url)
    here.alerts._announcer.step(NINE)
    here.deliver(NINE)
    assert second != first and told(there) == [("opened", number)]
