"""What people did is kept in order, and takes effect once, at one place of the journal."""

from collector import acts, db
from collector.settings import Settings
from tests.stores import migrated


def test_an_act_waits_is_applied_once_and_can_be_replayed(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        first = acts.record(connection, 10.0, "siti", "mute", "35.10.06.2005", {"until": 99})
        second = acts.record(connection, 11.0, "budi", "inventory", "sites")
        third = acts.record(connection, 12.0, "budi", "inventory", "contacts", {"codes": ["Ñ"]})
        assert [act.id for act in acts.waiting(connection)] == [first, second, third]
        assert [act.id for act in acts.waiting(connection, limit=1)] == [first]
        acts.mark_applied(connection, [second], 500)
        acts.mark_applied(connection, [first, second], 700)
        assert [act.body for act in acts.waiting(connection)] == [{"codes": ["Ñ"]}]
        replay = acts.applied(connection, after=0, until=700)
        assert [(act.id, act.applied) for act in replay] == [(second, 500), (first, 700)]
        assert [act.id for act in acts.applied(connection, after=500, until=699)] == []
        assert replay[1] == acts.Act(
            first, 10.0, "siti", "mute", "35.10.06.2005", {"until": 99}, 700
        )
