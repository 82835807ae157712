"""Each day's head goes to addresses outside, once, and names the chain that verify follows."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from alerts.channels import NotifyFailed
from collector import db, schema
from collector.evidence import seals
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.settings import Settings
from tests.collector.evidence.world import at, tick
from tests.web.reports.test_mailing import Postman
from web.reports.heads import LOOK_EVERY_S, Heads
from web.reports.post import HEAD

pytestmark = pytest.mark.slow

SIX = at("2026-11-08 06:00:00")
TO = ("auditor@example.id", "inspektorat@example.id")


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def heads(settings: Settings, store: Engine, postman: Postman) -> Iterator[Callable[[], Heads]]:
    with db.writing(store) as connection:
        tick(connection, SIX)
    sealer = Sealer(settings, store, None, Signer(b"k" * 32), wait=lambda _: None)
    sealer.look(SIX - 60)
    chosen = replace(settings, head_addresses=TO)
    yield lambda: Heads(chosen, store, lambda _: postman)


def test_the_head_goes_to_each_address_once_a_day(
    heads: Callable[[], Heads], postman: Postman, store: Engine
) -> None:
    heads().deliver(SIX - 1)
    assert postman.sent == []
    for _ in range(2):
        one = heads()
        for look in range(3):
            one.deliver(SIX + look * LOOK_EVERY_S)
    assert [target for target, _ in postman.sent] == list(TO)
    with db.reading(store) as connection:
        head = seals.head(connection)
        acts = connection.execute(select(schema.acts).where(schema.acts.c.verb == HEAD)).all()
    text = postman.sent[0][1]["text"]
    assert f"\n{head.number}:{head.link}\n" in text and head.key in text
    assert f"ronda report verify --head {head.number}:{head.link}" in text
    assert text.startswith("Kepala rantai segel") and "2026-11-06" in text
    assert [act.subject for act in acts] == [f"record:{head.number}"] * 2
    assert not any("@" in act.body for act in acts), "an act names nobody"
    heads().deliver(SIX + 86_400)
    assert len(postman.sent) == 4


def test_what_the_server_puts_off_goes_later(heads: Callable[[], Heads], postman: Postman) -> None:
    postman.refuses = [NotifyFailed("greylisted")]
    one = heads()
    one.deliver(SIX)
    assert [target for target, _ in postman.sent] == [TO[1]]
    one.deliver(SIX + 3600)
    assert sorted(target for target, _ in postman.sent) == sorted(TO)


def test_nothing_goes_where_nothing_is_sealed(
    settings: Settings, store: Engine, postman: Postman
) -> None:
    chosen = replace(settings, head_addresses=TO)
    with db.writing(store) as connection:
        connection.execute(schema.seals.delete())
    Heads(chosen, store, lambda _: postman).deliver(SIX)
    assert postman.sent == []
