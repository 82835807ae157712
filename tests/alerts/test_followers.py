"""Rows behind public pages, on each database: who follows, what ended lately, what is looked at."""

from typing import Any

import pytest
from sqlalchemy import Engine, insert

from alerts import followers, lately, notices
from alerts.channels.config import FOLLOWERS
from alerts.followers import AGREED, ASK_AGAIN_S, ASKED, EMAIL, FOLLOWING, TELEGRAM, WAITING
from alerts.notices import Draft
from collector import schema, shown
from collector.db import reading, writing
from collector.states import RETIRED

NOW = 1_795_425_120.0
SITE, OTHER = "35.10.06.2005", "35.10.06.2006"
ADDRESS = "warga@mail.example"


def test_a_follower_is_asked_agrees_follows_and_is_forgotten(store: Engine) -> None:
    with writing(store) as connection:
        assert followers.ask(connection, SITE, EMAIL, ADDRESS, "id", NOW)
        [one] = followers.of_state(connection, ASKED)
        assert followers.move(connection, one, WAITING)
        assert not followers.move(connection, one, WAITING), "somebody was faster"
        waiting = followers.find(connection, one.id)
        assert waiting is not None
        assert followers.move(connection, waiting, AGREED, NOW + 5)
        agreed = followers.find(connection, one.id)
        assert agreed is not None and agreed.confirmed_at == NOW + 5
        assert followers.move(connection, agreed, FOLLOWING)
        followers.heard(connection, agreed, ["f1", "w2/3"])
        assert not followers.ask(connection, SITE, EMAIL, ADDRESS, "id", NOW + 9e6)
        assert followers.sweep(connection, NOW + 9e9) == 0, "who follows stays"
        [kept] = followers.of_state(connection, FOLLOWING)
        assert kept.told == ("f1", "w2/3")
        assert followers.remove(connection, one.id)
        assert followers.find(connection, one.id) is None


@pytest.mark.parametrize("way", [EMAIL, TELEGRAM])
def test_an_address_is_not_asked_again_at_once(store: Engine, way: str) -> None:
    with writing(store) as connection:
        assert followers.ask(connection, SITE, way, ADDRESS, "id", NOW)
        assert not followers.ask(connection, SITE, way, ADDRESS, "id", NOW + 1)
        assert not followers.ask(connection, OTHER, way, ADDRESS, "id", NOW + 2)
        later = NOW + ASK_AGAIN_S[way] + 3
        assert followers.ask(connection, SITE, way, ADDRESS, "en", later)
        [one] = followers.at(connection, way, ADDRESS)
        assert (one.language, one.state) == ("en", ASKED)


def test_tags_make_no_second_mailbox_of_one(store: Engine) -> None:
    with writing(store) as connection:
        assert followers.ask(connection, SITE, EMAIL, "ibu+1@mail.example", "id", NOW)
        for same in ("ibu@mail.example", "ibu+2@mail.example", "ibu+1+1@mail.example"):
            assert not followers.ask(connection, OTHER, EMAIL, same, "id", NOW + 60)
        for other in ("ibu@mail2.example", "ibu2@mail.example", "i_u@mail.example", "+x@a.example"):
            assert followers.ask(connection, OTHER, EMAIL, other, "id", NOW + 60)


def test_an_address_that_never_said_yes_hears_four_questions_a_day_at_most(store: Engine) -> None:
    with writing(store) as connection:
        asked = [
            followers.ask(connection, SITE, EMAIL, ADDRESS, "id", NOW + 600 * n) for n in range(144)
        ]
    assert sum(asked) == 4


def test_what_waits_to_leave_for_followers_is_counted_alone(store: Engine) -> None:
    drafts = [Draft(0, notices.FOLLOWER, "follower:1", FOLLOWERS, str(n), "{}") for n in range(3)]
    with writing(store) as connection:
        notices.queue(connection, [*drafts, Draft(0, notices.REPLY, "x", "sms", "1", "{}")], NOW)
        assert followers.unsent(connection) == 3
        assert not followers.open_to_all(connection)
        followers.let_in(connection, True)
        assert followers.open_to_all(connection)


def test_what_ended_lately_has_its_sites_and_leaves_out_what_was_merged(store: Engine) -> None:
    with writing(store) as connection:
        for number, more in (
            (1, {"resolved_at": NOW - 60}),
            (2, {"resolved_at": NOW - 9e6}),
            (3, {"resolved_at": NOW - 30, "merged_into": 1}),
            (4, {"resolved_at": NOW - 10, "site": ""}),
        ):
            _incident(connection, number, more)
        found = lately.ended(connection, NOW - 3600, 10)
    assert [(each.incident.id, list(each.sites)) for each in found] == [
        (4, ["a", "b"]),
        (1, ["a", "b"]),
    ]


def _incident(connection: Any, number: int, more: dict[str, Any]) -> None:
    row = {"id": number, "site": SITE, "subject": "uplink", "title": "x", "severity": "critical"}
    row |= {"state": "resolved", "down_since": NOW - 99, "opened_at": NOW - 99, "rev": number}
    connection.execute(insert(schema.incidents).values(**row | more))
    for site in ("a", "b"):
        member = {"incident": number, "key": f"site:{site}", "site": site, "bad_at": NOW}
        connection.execute(insert(schema.members).values(**member, joined_at=NOW, good_at=NOW))


def test_only_what_people_would_name_is_asked_of_the_tables(store: Engine) -> None:
    with writing(store) as connection:
        for name, kind, reason in (
            ("opensid", "opensid", ""),
            ("hotspot", "journey", ""),
            ("db", "mysql", ""),
            ("old", "http", RETIRED),
        ):
            row = {"site": SITE, "name": name, "kind": kind, "verdict": "good", "rev": 1}
            connection.execute(insert(schema.checks).values(**row, reason=reason, since=NOW))
        for scope, role, name in (("service:opensid", "agency", "PMD"), (SITE, "village", "S")):
            contact = {"scope": scope, "role": role, "name": name, "email": "x@y.go.id"}
            connection.execute(insert(schema.contacts).values(**contact))
        site = {"code": SITE, "row": 1, "name": "x", "upstream": "POP A|POP B"}
        connection.execute(insert(schema.sites).values(**site))
    with reading(store) as connection:
        found = [check.name for check in shown.checks_of(connection, [SITE, OTHER])]
        assert found == ["hotspot", "opensid"]
        assert [office.service for office in shown.offices(connection)] == ["opensid"]
        assert shown.on_upstream(connection, "POP B") == [SITE]
        assert shown.on_upstream(connection, "POP") == []
