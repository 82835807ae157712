"""To follow a place: asked once, told after one's own yes, stopped with one press."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from alerts import follow_links, follow_talk, followers
from alerts.channels import NotifyFailed
from alerts.channels.config import FOLLOWERS, Line
from alerts.channels.telegram import Telegram
from alerts.followed import Followed
from alerts.followers import EMAIL, TELEGRAM
from alerts.inbox import Inbox, Result
from alerts.outbox import Outbox
from alerts.replies import Heard
from alerts.subscribers import lines as every_line
from collector import schema
from collector.db import reading, writing
from collector.settings import Settings
from tests.web.conftest import HOUR, NOW, Regency
from tests.web.public.seeded import HIDDEN, KEMIREN, SECRETS, SILENT
from web.public import PREFIX, following
from web.public.due import HOLD_S, due
from web.public.following import EACH_S, Following
from web.public.tales import Tale
from web.public.works import Work

pytestmark = pytest.mark.usefixtures("open_centre")

ADDRESS = "warga@mail.example"
CHANNELS = '[channels.email]\nhost = "127.0.0.1"\nsender = "noc@banyuwangikab.go.id"\n'


class Mailbox:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []

    def send(self, target: str, message: Any) -> str:
        self.got.append((target, dict(message)))
        return "taken"


@pytest.fixture
def mail() -> Mailbox:
    return Mailbox()


@pytest.fixture
def engine(settings: Settings, store: Engine, mail: Mailbox) -> Any:
    """Lets the centre's engine do its part at a moment: letters that arrived since."""
    (settings.folder / "channels.toml").write_text(CHANNELS)
    work = Following(settings, store)
    ways = [Line("email", "email", "email", mail), Line("bot", "telegram", "telegram", mail)]
    outbox = Outbox(store, [*ways, *every_line(settings, store, ways)])

    def run(at: float) -> list[tuple[str, dict[str, Any]]]:
        mail.got.clear()
        Regency(store).fold(at)
        work.deliver(at)
        for second in range(3):
            outbox.send_due(at + second)
            outbox.wait()
        return list(mail.got)

    yield run
    outbox.close()


def link_in(text: str, action: str) -> str:
    found = re.search(rf"https://[^/]+({PREFIX}/{action}/[\w-]+)", text)
    assert found, text
    return found[1]


def ask(anybody: Any, place: str = KEMIREN, address: str = ADDRESS, **more: str) -> Any:
    return anybody.client.post(f"{PREFIX}/{place}/follow", data={"email": address} | more)


@pytest.mark.slow
def test_an_address_hears_one_question_and_nothing_before_its_own_yes(
    anybody: Any, engine: Any
) -> None:
    engine(NOW)
    answer = ask(anybody)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"{PREFIX}/{KEMIREN}/follow/asked",
    )
    assert "kotak surat" in anybody.page(f"{PREFIX}/{KEMIREN}/follow/asked")
    [(target, letter)] = engine(NOW + 5)
    assert target == ADDRESS and "benarkah Anda" in letter["text"]
    assert engine(NOW + 4000) == []
    join = link_in(letter["text"], "join")
    assert "Ya, kabari saya" in anybody.page(join)
    assert engine(NOW + 4100) == [], "looking alone changes nothing: mail programs look"
    assert anybody.client.post(join).status_code == 200
    [(_, thanks), (_, news)] = engine(NOW + 4200)
    assert "Mulai sekarang" in thanks["text"]
    assert "Layanan Mandiri tidak bisa dibuka" in news["text"]
    assert [word for word in SECRETS if word in news["text"]] == []
    assert news["unsubscribe"].startswith("https://noc.banyuwangikab.go.id/status/leave/")
    assert engine(NOW + 9000) == [], "what was told is not told again"


@pytest.mark.slow
def test_an_end_is_told_where_the_beginning_was(anybody: Any, engine: Any, store: Engine) -> None:
    joined(store, KEMIREN)
    [(_, first)] = engine(NOW)
    assert "Sudah pulih" not in first["text"]
    with writing(store) as connection:
        over = update(schema.incidents).where(schema.incidents.c.check == "Layanan Mandiri")
        connection.execute(over.values(state="resolved", resolved_at=NOW + 60, rev=9))
    assert engine(NOW + 120) == [], "one message in a quarter of an hour"
    [(_, second)] = engine(NOW + EACH_S + 60)
    assert "Sudah pulih: " in second["text"] and "Layanan Mandiri" in second["text"]


@pytest.mark.slow
def test_one_press_stops_it_and_forgets_the_address(
    anybody: Any, engine: Any, store: Engine
) -> None:
    joined(store, KEMIREN)
    [(_, news)] = engine(NOW)
    leave = link_in(news["text"], "leave")
    assert "Berhenti" in anybody.page(leave)
    answer = anybody.client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "sudah dihapus" in answer.get_data(as_text=True)
    with reading(store) as connection:
        assert connection.execute(select(schema.followers)).all() == []
        sent = connection.execute(select(schema.notices.c.target, schema.notices.c.body)).all()
    assert ADDRESS not in str(sent), "nor is it in what was sent"
    assert anybody.get(leave).status_code == 404
    assert anybody.client.post(leave).status_code == 404


def test_no_link_of_one_opens_anything_of_another(store: Engine, settings: Settings) -> None:
    joined(store, KEMIREN)
    joined(store, SILENT, "other@mail.example")
    with reading(store) as connection:
        one, other = followers.of_state(connection, followers.FOLLOWING)
    secret = bytes(32)
    token = follow_links.make(secret, one, follow_links.LEAVE)
    assert follow_links.number(token) == one.id
    assert follow_links.holds(secret, token, one, follow_links.LEAVE)
    for wrong in (
        follow_links.holds(secret, token, other, follow_links.LEAVE),
        follow_links.holds(secret, token, one, follow_links.JOIN),
        follow_links.holds(b"x" * 32, token, one, follow_links.LEAVE),
        follow_links.holds(secret, token, replace(one, salt="other"), follow_links.LEAVE),
    ):
        assert wrong is False
    assert [follow_links.number(bad) for bad in ("", "ä", "x" * 40, "a")] == [None] * 4


@pytest.mark.slow
def test_the_answer_is_the_same_whoever_follows_and_nobody_is_asked_twice(
    anybody: Any, engine: Any, store: Engine
) -> None:
    joined(store, KEMIREN)
    engine(NOW)
    answers = [ask(anybody), ask(anybody, address="new@mail.example"), ask(anybody)]
    assert {(each.status_code, each.headers["Location"]) for each in answers} == {
        (303, f"{PREFIX}/{KEMIREN}/follow/asked")
    }
    assert [target for target, _ in engine(NOW + 5)] == ["new@mail.example"]
    ask(anybody, address="new@mail.example")
    assert engine(NOW + 10) == []


@pytest.mark.parametrize(
    ("place", "address", "status"),
    [
        pytest.param(KEMIREN, "no address", 400, id="no address"),
        pytest.param(KEMIREN, "", 400, id="nothing"),
        pytest.param(KEMIREN, "a@b.c\nBcc: x@y.z", 400, id="two lines"),
        pytest.param(HIDDEN, ADDRESS, 404, id="a place that is not shown"),
        pytest.param("35.99", ADDRESS, 404, id="no place"),
    ],
)
def test_what_cannot_be_is_refused_and_asks_nobody(
    anybody: Any, engine: Any, store: Engine, place: str, address: str, status: int
) -> None:
    engine(NOW)
    assert ask(anybody, place, address).status_code == status
    with reading(store) as connection:
        assert connection.execute(select(schema.followers)).all() == []


def test_a_program_that_fills_in_every_field_asks_nobody(
    anybody: Any, engine: Any, store: Engine
) -> None:
    engine(NOW)
    assert ask(anybody, website="http://spam.example").status_code == 303
    with reading(store) as connection:
        assert connection.execute(select(schema.followers)).all() == []


def test_questions_and_followers_are_bounded(store: Engine) -> None:
    row = {"way": EMAIL, "language": "id", "state": followers.WAITING, "salt": "x"}
    row |= {"asked_at": NOW, "told": "[]", "place": KEMIREN}
    many = [row | {"address": f"{n}@mail.example"} for n in range(followers.MOST_UNANSWERED)]
    with writing(store) as connection:
        assert followers.ask(connection, KEMIREN, EMAIL, ADDRESS, "id", NOW)
        connection.execute(insert(schema.followers), many)
        assert not followers.ask(connection, KEMIREN, EMAIL, "late@mail.example", "id", NOW)
        assert followers.sweep(connection, NOW + followers.ANSWER_S + 1) == len(many) + 1
        places = [f"35.10.06.{2100 + n}" for n in range(followers.MOST_EACH + 1)]
        taken = [
            followers.ask(connection, place, TELEGRAM, "7", "id", NOW + 60.0 * n)
            for n, place in enumerate(places)
        ]
    assert taken == [True] * followers.MOST_EACH + [False]


@pytest.mark.slow
def test_a_chat_asks_says_yes_and_stops(store: Engine, engine: Any) -> None:
    engine(NOW)
    bot = Line("bot", "telegram", "telegram", Telegram("1:x"))
    inbox = Inbox(store, [bot], "Asia/Jakarta")

    def write(text: str, at: float, chat: str = "77") -> Result:
        return inbox.hear(Heard("bot", "77", text, f"{at}", chat), at)

    assert write(f"/start {follow_talk.start_of(KEMIREN)}", NOW) is Result.DONE
    [(target, question)] = engine(NOW + 5)
    assert target == "77" and "balas YA" in question["text"]
    assert write("ya", NOW + 10, chat="-100") is Result.STRANGER, "not in a group"
    assert write("Ya!", NOW + 20) is Result.DONE
    assert any("balas BERHENTI" in letter["text"] for _, letter in engine(NOW + 30))
    assert write("berhenti", NOW + 2000) is Result.DONE
    assert "Alamat Anda sudah dihapus" in engine(NOW + 2005)[0][1]["text"]
    engine(NOW + 2005 + 2 * HOUR)
    with reading(store) as connection:
        assert followers.at(connection, TELEGRAM, "77") == []
    assert write("berhenti", NOW + 20_000) is Result.STRANGER


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/start ikut-35_10_06_2005", KEMIREN),
        ("ikut 35.10.06.2005", KEMIREN),
        ("/start ikut-35_10_06_2005-pasar_lama", f"{KEMIREN}-pasar_lama"),
        ("/start ikut-35_10", "35.10"),
        ("/start", ""),
        ("/start ikut-", ""),
        ("ikut saja", ""),
        ("/start ikut-35_10-pasar", ""),
        ("OK 4821", ""),
    ],
)
def test_a_place_is_read_from_what_the_bot_is_told(text: str, place: str) -> None:
    assert follow_talk.place_of(text) == place
    if place:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", follow_talk.start_of(place))
        assert follow_talk.place_of(f"/start {follow_talk.start_of(place)}") == place


def test_nobody_follows_where_nothing_is_public(store: Engine, settings: Settings) -> None:
    Following(replace(settings, public=False), store).deliver(NOW)
    with writing(store) as connection:
        heard = Heard("bot", "77", "/start ikut-35_10", "1", "77")
        assert follow_talk.hear(connection, heard, "id", NOW) is False


def test_few_messages_wait_so_that_the_staffs_own_go_first(
    store: Engine, settings: Settings
) -> None:
    for number in range(following.MOST_WAITING + 5):
        joined(store, KEMIREN, f"{number}@mail.example")
    work = Following(settings, store)
    work.deliver(NOW)
    with reading(store) as connection:
        assert followers.unsent(connection) == following.MOST_WAITING
    work.deliver(NOW + 60)
    with reading(store) as connection:
        assert followers.unsent(connection) == following.MOST_WAITING


def test_who_left_before_it_was_sent_hears_nothing(store: Engine, mail: Mailbox) -> None:
    channel = Followed(store, [Line("email", "email", "email", mail)])
    joined(store, KEMIREN)
    with reading(store) as connection:
        [one] = followers.of_state(connection, followers.FOLLOWING)
    assert channel.send(str(one.id), {"text": "x"}) == "taken"
    with writing(store) as connection:
        followers.remove(connection, one.id)
    with pytest.raises(NotifyFailed) as failed:
        channel.send(str(one.id), {"text": "x"})
    assert failed.value.permanent and FOLLOWERS == "followers"


def joined(store: Engine, place: str, address: str = ADDRESS) -> None:
    row = {"place": place, "way": EMAIL, "address": address, "language": "id", "salt": address}
    row |= {"state": followers.FOLLOWING, "asked_at": NOW, "told": json.dumps([])}
    with writing(store) as connection:
        connection.execute(insert(schema.followers).values(**row))


def fault(number: int, since: float, until: float | None = None) -> Tale:
    return Tale(number, "down", "Internet putus", "", "", since, until, [KEMIREN])


@pytest.mark.parametrize(
    ("told", "standing", "ended", "begun", "over", "kept"),
    [
        pytest.param([], [fault(1, NOW - HOLD_S)], [], [1], [], ["f1"], id="long enough"),
        pytest.param([], [fault(1, NOW - 60)], [], [], [], [], id="not for long yet"),
        pytest.param(["f1"], [fault(1, NOW - HOUR)], [], [], [], ["f1"], id="told before"),
        pytest.param(["f1"], [], [fault(1, NOW - HOUR, NOW)], [], [1], [], id="over"),
        pytest.param([], [], [fault(1, NOW - HOUR, NOW)], [], [], [], id="over, never told"),
        pytest.param(["f1"], [], [], [], [], [], id="became part of another one"),
    ],
)
def test_what_is_new_to_somebody(
    told: list[str],
    standing: list[Tale],
    ended: list[Tale],
    begun: list[int],
    over: list[int],
    kept: list[str],
) -> None:
    found = due(told, standing, ended, [], NOW)
    assert [each.number for each in found.begun] == begun
    assert [each.number for each in found.over] == over
    assert found.told == kept


def test_planned_work_is_told_once_and_a_day_before() -> None:
    soon = Work(3, "Internet", NOW + HOUR, NOW + 2 * HOUR, [KEMIREN])
    later = replace(soon, window=4, begins=NOW + 30 * HOUR, ends=NOW + 31 * HOUR)
    first = due([], [], [], [soon, later], NOW)
    assert first.planned == [soon]
    assert not due(first.told, [], [], [soon, later], NOW + 60).anything
    assert due(first.told, [], [], [later], NOW + 7 * HOUR).planned == [later]
