"""From one way of a person to the next, and to the phone; never too fast, never for nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import notices
from alerts.channels import Channel, NotifyFailed
from alerts.channels.config import Line
from alerts.limits import Limits
from alerts.notices import Draft
from alerts.outbox import Outbox
from collector.db import reading, writing
from tests.alerts.village import CODE, NINE, Inbox, Village, contact, village

pytestmark = pytest.mark.slow

WAYS = (("telegram", "77"), ("sms", "+6281230000001"), ("phone", "+6281230000001"))
NO_LIMITS = Limits(at_once=8)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        yield made


class Town:
    """An outbox with a Telegram and an SMS channel."""

    def __init__(
        self, here: Village, telegram: Limits = NO_LIMITS, sms: Limits = NO_LIMITS
    ) -> None:
        self.here, self.telegram, self.sms = here, Inbox(), Inbox()
        self._lines = [
            self._line("telegram", self.telegram, telegram),
            self._line("sms", self.sms, sms),
        ]
        self.outbox = self.restart()

    def restart(self) -> Outbox:
        self.outbox = Outbox(self.here.store, self._lines)
        return self.outbox

    def _line(self, name: str, channel: Channel, limits: Limits) -> Line:
        return Line(name, name, name, channel, limits)

    def write(
        self, incident: int = 1, news: str = "opened", ways: tuple[tuple[str, str], ...] = WAYS
    ) -> None:
        (channel, target), *further = ways
        body = json.dumps({"incident": incident, "news": news})
        draft = Draft(incident, news, "sari", channel, target, body, tuple(further))
        with writing(self.here.store) as connection:
            notices.queue(connection, [draft], NINE)

    def at(self, now: float) -> None:
        while self.outbox.send_due(now):
            self.outbox.wait()
        self.outbox.wait()

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(notice.channel, notice.state) for notice in self.here.notices()]


def down(times: int = 99) -> list[NotifyFailed | Exception]:
    return [NotifyFailed("no answer in time")] * times


def test_a_refusal_for_good_goes_to_the_next_way_at_once(here: Village) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("403 bot was blocked", permanent=True))
    town.write()
    town.at(NINE)
    assert town.rows == [("telegram", "failed"), ("sms", "sent")]
    assert [target for target, _ in town.sms.got] == ["+6281230000001"]


def test_three_failures_go_to_the_next_way(here: Village) -> None:
    town = Town(here)
    town.telegram.answers += down()
    town.write()
    for later in range(14):
        town.at(NINE + later)
    assert town.rows == [("telegram", "queued")]
    town.at(NINE + 17)
    assert town.rows == [("telegram", "failed"), ("sms", "sent")]
    assert here.notices()[0].attempts == 3


@pytest.mark.parametrize(("asked_s", "moves"), [(30, False), (600, True)])
def test_who_has_another_way_does_not_wait_for_long(
    here: Village, asked_s: float, moves: bool
) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("429", retry_after_s=asked_s))
    town.write()
    town.at(NINE)
    assert (("sms", "sent") in town.rows) is moves


def test_when_no_machine_gets_through_somebody_is_to_phone(here: Village) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("chat not found", permanent=True))
    town.sms.answers.append(NotifyFailed("no such number", permanent=True))
    town.write()
    town.at(NINE)
    assert town.rows == [("telegram", "failed"), ("sms", "failed"), ("phone", "task")]
    task = here.notices()[2]
    assert (task.target, task.answer) == ("+6281230000001", "sms: no such number")
    town.at(NINE + 10_000)
    assert len(town.rows) == 3, "a task is for people: no machine touches it"


def test_the_last_way_is_tried_on_while_somebody_is_asked_to_phone(here: Village) -> None:
    town = Town(here)
    town.sms.answers += down(4)
    town.write(ways=WAYS[1:])
    for later in range(20):
        town.at(NINE + later)
    assert town.rows == [("sms", "queued"), ("phone", "task")]
    for later in range(20, 200, 5):
        town.at(NINE + later)
    assert town.rows == [("sms", "sent"), ("phone", "skipped")]
    assert here.notices()[1].answer == "not needed: told by sms after all"


def test_the_end_goes_by_the_way_that_told_the_beginning(here: Village) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("blocked", permanent=True))
    town.write()
    town.write(news="resolved", ways=WAYS[:2])
    town.at(NINE)
    town.at(NINE + 1)
    assert sorted(town.rows) == [("sms", "sent"), ("sms", "sent"), ("telegram", "failed")]
    assert town.sms.news == [(1, "opened"), (1, "resolved")] and town.telegram.got == []


def test_the_end_waits_while_the_beginning_is_on_another_way(here: Village) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("blocked", permanent=True))
    town.sms.answers.append(NotifyFailed("busy"))
    town.write()
    town.write(news="resolved", ways=WAYS[:2])
    town.at(NINE)
    assert town.sms.got == [] and town.telegram.got == []
    town.at(NINE + 10)
    town.at(NINE + 11)
    assert town.sms.news == [(1, "opened"), (1, "resolved")]


def test_whom_nobody_told_is_not_told_of_the_end(here: Village) -> None:
    town = Town(here)
    town.telegram.answers.append(NotifyFailed("blocked", permanent=True))
    town.sms.answers.append(NotifyFailed("no such number", permanent=True))
    town.write()
    town.at(NINE)
    town.write(news="resolved", ways=WAYS[:2])
    town.at(NINE + 1)
    assert town.rows[-1] == ("telegram", "skipped")


def test_a_channel_that_left_the_settings_is_passed_over(here: Village) -> None:
    town = Town(here)
    town.write(ways=(("pigeon", "x"), *WAYS[1:]))
    town.at(NINE)
    assert town.rows == [("pigeon", "failed"), ("sms", "sent")]
    assert here.notices()[0].answer == "no channel 'pigeon'"


def test_a_cap_holds_back_and_counts_and_the_next_day_is_new(here: Village) -> None:
    town = Town(here, telegram=Limits(daily_cap=2, at_once=8))
    for incident in range(3):
        town.write(incident, ways=(("telegram", f"{incident}"), *WAYS[1:]))
    town.at(NINE)
    assert sorted(town.rows) == [
        ("sms", "sent"),
        ("telegram", "failed"),
        ("telegram", "sent"),
        ("telegram", "sent"),
    ]
    with reading(here.store) as connection:
        assert notices.held_since(connection, "telegram", NINE - 3600) == 1
        assert notices.sent_since(connection, "telegram", NINE - 3600) == 2
    town.restart()
    town.write(8)
    town.at(NINE + 60)
    assert town.rows[-1] == ("sms", "sent"), "a restart does not forget what was sent"
    town.write(9)
    town.at(NINE + 86_400)
    assert town.rows[-1] == ("telegram", "sent")


def test_a_rate_is_kept_and_what_waits_holds_up_no_other_channel(here: Village) -> None:
    town = Town(here, telegram=Limits(per_s=2.0, at_once=8))
    for incident in range(200):
        town.write(incident, ways=(("telegram", f"{incident}"),))
    town.write(999, ways=WAYS[1:])
    town.at(NINE)
    assert (len(town.telegram.got), len(town.sms.got)) == (2, 1)
    for tenth in range(1, 101):
        town.at(NINE + tenth / 10)
    assert len(town.telegram.got) == 22


def test_one_address_gets_one_message_a_second_and_in_order(here: Village) -> None:
    town = Town(here, telegram=Limits(target_every_s=1.0, at_once=8))
    for incident in range(3):
        town.write(incident, ways=WAYS[:1])
    got = []
    for tenth in range(25):
        town.at(NINE + tenth / 10)
        got.append(len(town.telegram.got))
    assert got[0] == 1 and got[9] == 1 and got[10] == 2 and got[20] == 3
    assert town.telegram.news == [(n, "opened") for n in range(3)]


def test_a_gateway_in_trouble_is_not_waited_for(here: Village) -> None:
    town = Town(here)
    town.telegram.answers += down()
    for number in range(40):
        town.write(number, ways=(("telegram", f"{number}"), *WAYS[1:]))
    town.at(NINE)
    tried = 99 - len(town.telegram.answers)
    for later in range(1, 25):
        town.at(NINE + later)
    assert sorted(set(town.rows)) == [("sms", "sent"), ("telegram", "failed")]
    assert len(town.sms.got) == 40
    assert 99 - len(town.telegram.answers) <= tried + 3, "nobody knocks while it is in trouble"
    town.telegram.answers.clear()
    town.write(99, ways=(("telegram", "99"),))
    town.at(NINE + 100)
    assert town.rows[-1] == ("telegram", "sent"), "one message finds out that it is over"


def test_whole_people_are_reached_by_the_order_of_their_ways(tmp_path: Path) -> None:
    sari = contact("sari", webhook="", telegram="77", sms="+6281230000001")
    budi = contact("budi", scope="35.10", role="noc", webhook="http://noc.test/")
    lost = contact("lost", scope="*", role="noc", webhook="", sms="+6281230000009", email="a@b.id")
    with village(tmp_path, sari, budi, lost) as here:
        inboxes = {name: Inbox() for name in ("telegram", "sms", "webhook")}
        inboxes["telegram"].answers.append(NotifyFailed("blocked", permanent=True))
        here.floor(inboxes)
        here.be("normal", NINE - 10)
        here.say("bad", NINE)
        here.step(NINE)
        here.say("good", NINE + 60)
        here.step(NINE + 61)
        here.deliver(NINE + 62)
        assert inboxes["sms"].news.count((1, "opened")) == 2
        assert inboxes["sms"].news.count((1, "resolved")) == 2
        assert inboxes["webhook"].news == [(1, "opened"), (1, "resolved")]
        message = inboxes["sms"].got[0][1]
        assert message["sms"].startswith("APLIKASI sideka Ds Benculuk")
        assert message["site"]["code"] == CODE


def test_who_has_only_a_phone_is_a_task(tmp_path: Path) -> None:
    with village(tmp_path, contact("sari", webhook="", sms="+6281230000001")) as here:
        here.be("normal", NINE - 10)
        here.say("bad", NINE)
        here.step(NINE)
        (task,) = here.notices()
        assert (task.channel, task.state, task.target) == ("phone", "task", "+6281230000001")
        here.say("good", NINE + 60)
        here.step(NINE + 60)
        (task,) = here.notices()
        assert (task.state, task.answer) == ("skipped", "not needed: it is over")
