"""One message when it breaks, one when it works again, and none about the past."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from alerts.channels import NotifyFailed
from alerts.engine import Alerts
from alerts.evaluation import status
from alerts.incidents import acknowledge
from collector.backup import records
from collector.backup.records import What, Work
from collector.db import meta_set, reading, writing
from collector.inventory.keeping import put
from collector.lease import Overtaken
from collector.positions import get
from collector.schema import members
from tests.alerts.village import CODE, NINE, Checks, Inbox, Village, contact, village

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        made.be("normal", NINE - 3600)
        yield made


def test_one_message_when_it_breaks_and_one_when_it_works_again(here: Village) -> None:
    here.say("good", NINE - 60)
    here.step(NINE)
    assert here.inbox.got == []
    here.say("bad", NINE, "HTTP 502 instead of 200")
    for later in range(5):
        here.step(NINE + later)
    here.say("good", NINE + 600)
    for later in range(5):
        here.step(NINE + 601 + later)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]
    target, message = here.inbox.got[0]
    assert target == "http://sari.test/"
    assert message["text"].startswith(
        "APLIKASI: sideka Desa Benculuk tidak bisa dibuka sejak 09.15"
    )
    assert message["site"]["code"] == CODE and message["notice"] == 1
    assert message["down_since"] == "2025-11-24T02:15:00Z" and message["resolved_at"] is None
    assert here.inbox.got[1][1]["resolved_at"] == "2025-11-24T02:25:00Z"
    (incident,) = here.incidents()
    assert incident.state == "resolved" and incident.resolved_at == NINE + 600
    assert incident.down_since == NINE and incident.cause == "app"


def test_each_break_is_an_incident_of_its_own(here: Village) -> None:
    for at in (0, 4000, 8000):
        here.say("bad", NINE + at)
        here.step(NINE + at)
        here.say("good", NINE + at + 50)
        here.step(NINE + at + 50)
    assert here.inbox.news == [(n, what) for n in (1, 2, 3) for what in ("opened", "resolved")]


@pytest.mark.slow
@pytest.mark.parametrize("restarts", [False, True])
def test_what_goes_up_and_down_is_told_once_and_again_when_it_settles(
    here: Village, restarts: bool
) -> None:
    for at in range(0, 1200, 200):
        here.say("bad", NINE + at)
        here.step(NINE + at)
        here.say("good", NINE + at + 100)
        here.step(NINE + at + 100)
        if restarts:
            here.floor()
    last = NINE + 1100
    flaps = [(1, "opened"), (1, "resolved"), (2, "opened"), (2, "flapping")]
    assert here.inbox.news == flaps
    told = here.inbox.got[-1][1]["text"]
    assert told.startswith("NAIK-TURUN: sideka Desa Benculuk")
    # an application is told of its own advice, not of cables
    assert "PC server menyala? Jangan hapus" in told
    assert "kabel" not in told
    here.step(last + 899)
    assert here.inbox.news == flaps
    here.step(last + 901)
    assert here.inbox.news == [*flaps, (2, "resolved")]
    assert [i.resolved_at for i in here.incidents()] == [NINE + 100, last]


def test_a_fault_that_is_over_before_it_is_read_is_no_news(here: Village) -> None:
    here.say("bad", NINE)
    here.say("good", NINE + 5)
    here.step(NINE + 6)
    assert here.incidents() == []


def test_a_restart_neither_repeats_nor_forgets(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE + 1)
    here.floor()
    here.step(NINE + 2)
    here.say("good", NINE + 60)
    here.floor()
    here.step(NINE + 61)
    here.floor()
    here.step(NINE + 62)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]
    with reading(here.store) as connection:
        assert get(connection, "alerts") == here.rev


def test_what_another_engine_wrote_last_is_read_before_anything_is_written(here: Village) -> None:
    dying = here.alerts
    new = here.floor()
    new.step(NINE, here.rev)
    here.say("bad", NINE + 1)
    # its last words come to be committed when the new one has read what there was
    dying.step(NINE + 2, here.rev)
    with pytest.raises(Overtaken):
        new.step(NINE + 3, here.rev)
    here.step(NINE + 4)
    here.say("good", NINE + 60)
    here.step(NINE + 61)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]
    # and who was overtaken writes nothing
    with pytest.raises(Overtaken):
        dying.step(NINE + 62, here.rev)
    assert len(here.incidents()) == 1


def test_a_crash_before_the_commit_tells_it_after_the_restart(here: Village) -> None:
    here.say("bad", NINE)
    here.alerts.step(NINE + 1, here.rev)  # and the engine dies before any delivery
    here.floor()
    here.step(NINE + 2)
    assert here.inbox.news == [(1, "opened")]


def test_a_database_that_fails_once_loses_no_news(here: Village) -> None:
    here.be("unknown", NINE)
    here.say("bad", NINE)
    here.step(NINE)
    here.be("normal", NINE + 60)
    with here.store.begin() as connection:
        connection.execute(text("ALTER TABLE incidents RENAME TO gone"))
    with pytest.raises(DBAPIError):
        here.alerts.step(NINE + 61, here.rev)
    with here.store.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO incidents"))
    here.step(NINE + 62)
    assert here.inbox.news == [(1, "opened")]


def test_what_a_backlog_tells_pages_nobody(here: Village) -> None:
    here.say("bad", NINE - 7200, "HTTP 500", live=False)
    here.step(NINE)
    here.say("good", NINE - 3600, live=False)
    here.step(NINE)
    here.floor()
    here.step(NINE)
    assert here.incidents() == [] and here.notices() == []


def test_a_recovery_that_a_backlog_tells_is_told_with_its_own_time(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE)
    here.say("good", NINE + 900, live=False)
    here.step(NINE + 7200)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]
    (incident,) = here.incidents()
    assert (incident.state, incident.resolved_at) == ("resolved", NINE + 900)


@pytest.mark.parametrize("state", ["down", "unknown"])
def test_a_service_of_a_dark_site_is_told_only_if_it_stays_bad_after(
    here: Village, state: str
) -> None:
    here.be(state, NINE)
    here.say("bad", NINE)
    here.step(NINE + 1)
    here.floor()  # it is not forgotten over a restart
    here.step(NINE + 2)
    assert here.incidents() == []
    here.be("normal", NINE + 300)
    here.step(NINE + 301)
    assert here.inbox.news == [(1, "opened")]


@pytest.mark.slow
def test_many_that_wait_are_all_looked_at_in_turn(
    here: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.climbing._NEW_AT_ONCE", 20)
    here.be("unknown", NINE)
    for number in range(60):
        here.say("bad", NINE, check=f"app-{number}")
    here.alerts.step(NINE, here.rev)
    here.be("normal", NINE + 60)
    told = []
    for later in range(3):
        here.alerts.step(NINE + 60 + later, here.rev)
        told.append(len(here.notices()))
    assert len(here.incidents()) == 60
    assert told == [20, 40, 60]


def test_a_service_that_comes_back_with_its_site_is_never_told(here: Village) -> None:
    here.be("unknown", NINE)
    here.say("bad", NINE)
    here.step(NINE + 1)
    here.say("good", NINE + 299)
    here.be("normal", NINE + 300)
    here.step(NINE + 301)
    assert here.incidents() == []


def test_an_open_service_incident_stays_while_its_site_is_dark(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE)
    here.be("unknown", NINE + 60)
    here.say("unknown", NINE + 60)
    here.step(NINE + 61)
    assert [incident.state for incident in here.incidents()] == ["open"]


@pytest.mark.slow
def test_a_retired_site_is_quiet_and_its_incident_ends(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE)
    with writing(here.store) as connection:
        put(connection, "sites", [{"code": CODE, "lifecycle": "retired"}], NINE, "test")
    here.say("bad", NINE, "still")
    here.step(NINE + 60)
    assert here.inbox.news == [(1, "opened")]
    assert [incident.state for incident in here.incidents()] == ["resolved"]


def test_an_acknowledged_incident_still_recovers(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE)
    with writing(here.store) as connection:
        assert acknowledge(connection, 1, "sari", NINE + 30)
        assert not acknowledge(connection, 1, "budi", NINE + 31)
        assert not acknowledge(connection, 99, "budi", NINE + 31)
    here.say("good", NINE + 60)
    here.step(NINE + 60)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]


def test_everyone_told_first_gets_one_in_their_language(tmp_path: Path) -> None:
    people = [
        contact("sari", webhook="http://one.test/"),
        contact("second", order=2),
        contact("noc", scope="35.10", role="noc", language="en"),
        contact("noc-elsewhere", scope="33.01", role="noc"),
        contact("camat", scope="35.10.12", role="district"),
        contact("telkom", scope="*", role="isp"),
        contact("mute", webhook=""),
    ]
    with village(tmp_path, *people) as here:
        here.say("bad", NINE)
        here.step(NINE)
        told = {
            message["person"]: message["text"].partition(":")[0] for _, message in here.inbox.got
        }
        assert told == {"sari": "APLIKASI", "noc": "APPLICATION"}


def test_nobody_in_charge_means_everybody_near(tmp_path: Path) -> None:
    people = [
        contact("camat", scope="35.10.12", role="district"),
        contact("bupati", scope="35.10", role="district"),
        contact("isp", role="isp"),
    ]
    with village(tmp_path, *people) as here:
        here.say("bad", NINE)
        here.step(NINE)
        assert [message["person"] for _, message in here.inbox.got] == ["camat"]


def test_without_contacts_the_incident_is_there_all_the_same(tmp_path: Path) -> None:
    with village(tmp_path, contact("mute", webhook="")) as here:
        here.say("bad", NINE)
        here.step(NINE)
        assert len(here.incidents()) == 1 and here.notices() == []


class Noting(Checks):
    """Keeps which sites it was told to look at because their state changed."""

    def __init__(self, store: Engine) -> None:
        super().__init__(store)
        self.told: list[str] = []

    def found(self, sites: Iterable[str], told: Iterable[str] = ()) -> None:
        self.told += (listed := list(sites))
        super().found(listed, told)


def test_rules_are_asked_at_once_where_a_site_is_not_fine_or_a_rule_says_that_something_is_wrong(
    here: Village,
) -> None:
    rules = Noting(here.store)
    here.alerts = Alerts(here.settings, here.store, rules, {"webhook": here.inbox})
    here.step(NINE)

    def told(state: str, at: float) -> list[str]:
        rules.told.clear()
        here.be(state, at)
        here.step(at)
        return list(rules.told)

    assert told("down", NINE + 10) == [CODE]
    # a country that comes back is not looked at village by village
    assert told("normal", NINE + 20) == []
    here.say("bad", NINE + 30)
    here.step(NINE + 30)
    assert [told("down", NINE + 40), told("normal", NINE + 50)] == [[CODE], [CODE]]


def test_many_changes_are_taken_in_whole(here: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.engine._TURNS_AT_ONCE", 20)
    codes = [f"35.10.12.3{number:03d}" for number in range(60)]
    with writing(here.store) as connection:
        put(connection, "sites", [{"code": one, "name": one} for one in codes], NINE, "test")
    here.step(NINE - 1)
    for code in codes:
        here.say("bad", NINE, site=code)
    here.step(NINE)
    # a step takes in two batches, and the next one goes on
    assert 40 <= wrong(here) < 60
    here.step(NINE + 1)
    assert wrong(here) == 60


def wrong(here: Village) -> int:
    """How many things that are wrong an incident knows of."""
    with reading(here.store) as connection:
        return len(set(connection.execute(select(members.c.key)).scalars()))


def test_a_recovery_is_not_told_to_whom_the_fault_was_not(here: Village) -> None:
    here.inbox.answers.append(NotifyFailed("no such address", permanent=True))
    here.say("bad", NINE)
    here.step(NINE)
    here.say("good", NINE + 60)
    here.step(NINE + 60)
    assert here.inbox.got == []
    assert [notice.state for notice in here.notices()] == ["failed", "skipped"]


def test_after_a_restore_old_notices_are_not_sent(here: Village) -> None:
    here.step(NINE - 1)
    here.inbox.answers += [NotifyFailed("down")] * 2
    here.say("bad", NINE)
    here.step(NINE)
    with writing(here.store) as connection:
        meta_set(connection, "epoch", "another")
    here.floor()
    here.step(NINE + 1000)
    assert here.inbox.got == []
    assert [notice.state for notice in here.notices()] == ["skipped"]


def test_after_a_restore_fresh_notices_are_sent(here: Village) -> None:
    here.step(NINE - 1)
    here.say("bad", NINE)
    here.alerts.step(NINE, here.rev)
    with writing(here.store) as connection:
        meta_set(connection, "epoch", "another")
    here.floor()
    here.step(NINE + 60)
    assert here.inbox.news == [(1, "opened")]


def test_the_inbox_of_a_test_is_a_channel() -> None:
    with pytest.raises(NotifyFailed):
        Inbox(NotifyFailed("no")).send("", {})


def ticks(here: Village, newest: float, good: float) -> None:
    with writing(here.store) as connection:
        meta_set(connection, "fold_ticks", f"[{newest}, {good}, 0.0]")


def test_a_blind_centre_tells_the_noc_and_blames_no_village(tmp_path: Path) -> None:
    people = [contact("sari"), contact("noc", scope="35.10", role="noc")]
    with village(tmp_path, *people) as here:
        ticks(here, NINE, NINE)
        here.step(NINE)
        ticks(here, NINE + 5, NINE)
        here.step(NINE + 5)
        assert here.inbox.got == []
        for later in range(11, 15):
            ticks(here, NINE + later, NINE)
            here.step(NINE + later)
        (told,) = here.inbox.got
        assert told[1]["person"] == "noc"
        assert told[1]["text"].startswith("NOC BUTA: pusat Ronda tidak melihat jaringan luar")
        ticks(here, NINE + 60, NINE + 60)
        here.step(NINE + 60)
        assert here.inbox.news == [(1, "opened"), (1, "resolved")]


def test_a_centre_without_a_good_backup_tells_the_noc(tmp_path: Path) -> None:
    def work(at: float, error: str) -> None:
        with writing(here.store) as connection:
            records.end(connection, Work(What.BACKUP, at, 9.0, error=error))

    people = [contact("sari"), contact("noc", scope="35.10", role="noc")]
    settings = {"backup_folder": "/srv", "backup_passphrase_file": "/etc/words"}
    with village(tmp_path, *people, **settings) as here:
        work(NINE, "disk full")
        here.step(NINE)
        assert here.inbox.got == [], "it is tried again first"
        work(NINE + 1800, "disk full")
        here.step(NINE + 1860)
        (told,) = here.inbox.got
        assert told[1]["person"] == "noc"
        assert told[1]["text"].startswith("PUSAT TANPA CADANGAN yang baik sejak")
        assert "disk full" in told[1]["text"]
        work(NINE + 5400, "")
        here.step(NINE + 5460)
        assert here.inbox.news == [(1, "opened"), (1, "resolved")]


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([("unknown", 130, "the centre was away")], id="the centre was away"),
        pytest.param([("slow", 130, "loss 20 %")], id="slow"),
        pytest.param(
            [("unknown", 130, "the centre was away"), ("normal", 150, "")], id="away, and back"
        ),
    ],
)
def test_a_silence_ends_when_the_site_is_back_whatever_it_was_before_anybody_looked(
    here: Village, later: list[tuple[str, float, str]]
) -> None:
    here.be("unknown", NINE, reason="silent")
    for after_s in (30, 60):
        here.step(NINE + after_s)
    here.be("normal", NINE + 100)
    for state, after_s, reason in later:
        here.be(state, NINE + after_s, reason=reason)
    here.step(NINE + 160)
    (incident,) = here.incidents()
    assert (incident.down_since, incident.resolved_at) == (NINE, NINE + 100)
    first = here.inbox.got[0][1]["text"]
    assert first.startswith("TIDAK ADA KABAR: Desa"), "what is unknown is not broken"


def test_how_the_rules_are_is_told_when_a_round_is_over(here: Village) -> None:
    def told_at() -> float:
        with reading(here.store) as connection:
            return status.get(connection).at

    here.step(NINE)
    assert told_at() == NINE
    here.step(NINE + 4)
    assert told_at() == NINE
    here.rules.ended += 1
    here.step(NINE + 4.5)
    here.step(NINE + 5)
    assert told_at() == NINE + 4.5
    here.step(NINE + 4.5 + status.AT_LEAST_EVERY_S)
    assert told_at() == NINE + 4.5 + status.AT_LEAST_EVERY_S
