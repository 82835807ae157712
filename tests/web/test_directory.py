"""All sites in memory: who sees what, what a question leaves, what the database did since."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, delete, insert, update

from collector import acts, schema
from collector.db import reading, writing
from collector.inventory.scope import Scope
from web.asked import Asked
from web.country import Followed, follow
from web.directory import Directory

NOW = 1795425120.0
HOUR, DAY = 3600.0, 86400.0
# village, kampung of the same village, neighbour whose code begins alike, another regency
CODES = ("35.10.06.2005", "35.10.06.2005-pkm", "35.10.06.2006", "35.10.07.2001", "35.11.01.2001")


def look(store: Engine, before: Followed | None = None) -> Followed:
    with reading(store) as connection:
        return follow(connection, before)


def codes(directory: Directory, asked: Asked, scope: Scope, last: Any = ()) -> list[str]:
    chosen = directory.choose(asked, scope, np.array(last, float), NOW)
    return [directory.names.codes[place] for place in chosen.places.tolist()]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        pytest.param(Scope(), CODES, id="everything"),
        pytest.param(Scope(("35.10",)), CODES[:4], id="a regency"),
        pytest.param(Scope(("35.10.06",)), CODES[:3], id="a district"),
        pytest.param(Scope(("35.10.06.2005",)), CODES[:2], id="a village with its further sites"),
        pytest.param(Scope(("35.11", "35.10.07")), CODES[3:], id="two areas"),
        pytest.param(Scope((), (CODES[1],)), CODES[1:2], id="one site"),
        pytest.param(Scope(("36",)), (), id="nothing of theirs is here"),
    ],
)
def test_who_sees_what(regency: Any, store: Engine, scope: Scope, seen: tuple[str, ...]) -> None:
    for code in CODES:
        regency.site(code, code)
    directory = look(store).directory
    assert tuple(codes(directory, Asked(sort="area"), scope)) == seen
    assert [scope.sees(code) for code in CODES] == directory.visible(scope).tolist()
    counts = directory.choose(Asked(state="down"), scope, np.zeros(0), NOW).counts
    assert counts["unknown"] == len(seen)


def test_it_follows_what_changes(regency: Any, store: Engine) -> None:
    for code in CODES[:3]:
        regency.site(code, code, "normal")
    first = look(store)
    assert look(store, first).directory is first.directory
    with writing(store) as connection:
        mine = schema.states.c.site == CODES[1]
        connection.execute(update(schema.states).where(mine).values(state="down", rev=2))
    second = look(store, first)
    assert CODES[1] in (second.changed or ())
    assert codes(second.directory, Asked(state="down"), Scope()) == [CODES[1]]
    assert codes(first.directory, Asked(state="down"), Scope()) == []
    regency.check(CODES[2], "opensid", "bad", rev=3)
    assert codes(look(store, second).directory, Asked(sort="bad"), Scope())[0] == CODES[2]


def test_where_very_many_changed_all_are_read(regency: Any, store: Engine) -> None:
    for code in CODES[:3]:
        regency.site(code, code, "normal")
    first = look(store)
    with writing(store) as connection:
        connection.execute(update(schema.states).values(state="down", rev=2))
    for code in CODES[:2]:
        regency.check(code, "opensid", "bad", rev=3)
    with reading(store) as connection:
        few, all_of_them = follow(connection, first), follow(connection, first, 1)
    assert (len(few.changed or ()), all_of_them.changed) == (3, None)
    for name in ("state", "since", "cause", "bad"):
        told = getattr(few.directory, name).tolist()
        assert told == getattr(all_of_them.directory, name).tolist() != []


def test_two_changes_at_one_position_are_both_seen(regency: Any, store: Engine) -> None:
    for code in CODES[:2]:
        regency.site(code, code, "normal")
    first = look(store)
    regency.site(CODES[2], "new")
    regency.state(CODES[2], "slow", NOW)
    assert codes(look(store, first).directory, Asked(state="slow"), Scope()) == [CODES[2]]


def test_a_restored_database_is_read_anew(regency: Any, store: Engine) -> None:
    regency.site(CODES[0], "a", "down")
    regency.site(CODES[1], "b")
    regency.state(CODES[1], "slow", NOW, rev=9)
    first = look(store)
    with writing(store) as connection:
        connection.execute(delete(schema.states).where(schema.states.c.rev == 9))
    assert codes(look(store, first).directory, Asked(state="slow"), Scope()) == []


def test_an_import_brings_other_names(regency: Any, store: Engine) -> None:
    regency.site(CODES[0], "lama")
    first = look(store)
    with writing(store) as connection:
        connection.execute(update(schema.sites).values(name="baru", lifecycle="retired"))
        acts.record(connection, NOW, "siti", "inventory", "sites")
    second = look(store, first).directory
    assert codes(second, Asked(q="baru", lifecycle="all"), Scope()) == [CODES[0]]
    assert codes(second, Asked(), Scope()) == []


@pytest.mark.parametrize(
    ("silent", "seen"),
    [("1h", [1, 2, 3]), ("1d", [2, 3]), ("7d", [3]), ("never", [4])],
)
def test_silence_goes_by_the_last_report(
    regency: Any, store: Engine, silent: str, seen: list[int]
) -> None:
    for code in CODES:
        regency.site(code, code)
    last = [NOW - 10, NOW - 2 * HOUR, NOW - 2 * DAY, NOW - 8 * DAY]
    asked = Asked(silent=silent, sort="area")
    assert codes(look(store).directory, asked, Scope(), last) == [CODES[n] for n in seen]


def test_every_order_has_its_other_way_round(regency: Any, store: Engine) -> None:
    for n, code in enumerate(CODES):
        regency.site(code, f"desa {9 - n}", isp=f"isp {n % 3}")
        regency.state(code, "normal", NOW - n * HOUR)
    directory = look(store).directory
    last = [NOW - n for n in (3, 1, 4, 1, 5)]
    for key in ("name", "area", "isp", "since", "report"):
        forth = codes(directory, Asked(sort=key), Scope(), last)
        back = codes(directory, Asked(sort=f"-{key}"), Scope(), last)
        assert forth == back[::-1]
    assert codes(directory, Asked(sort="name"), Scope())[0] == CODES[4]
    assert codes(directory, Asked(sort="since"), Scope())[0] == CODES[4]
    assert codes(directory, Asked(sort="report"), Scope(), last)[0] == CODES[4]


@pytest.mark.parametrize(
    ("scope", "chosen", "areas"),
    [
        pytest.param(Scope(), "", ["35.10", "35.11"], id="regencies first"),
        pytest.param(
            Scope(), "35.10", ["35.10", "35.10.06", "35.10.07", "35.11"], id="then their districts"
        ),
        pytest.param(
            Scope(("35.10",)), "", ["35.10", "35.10.06", "35.10.07"], id="who sees one regency"
        ),
        pytest.param(Scope(("35.10.07",)), "35.10.07.2001", ["35.10", "35.10.07", "35.10.07.2001"]),
        pytest.param(Scope(("36",)), "", [], id="who sees nothing"),
    ],
)
def test_the_areas_to_choose_from(
    regency: Any, store: Engine, scope: Scope, chosen: str, areas: list[str]
) -> None:
    for code in CODES:
        regency.site(code, code, district=f"Kec {code[6:8]}", regency=f"Kab {code[3:5]}")
    found = look(store).directory.areas(scope, chosen)
    assert [code for code, _ in found] == areas
    assert dict(found).get("35.10", "Kab 10") == "Kab 10"


def test_only_what_is_watched_is_counted_and_only_in_ones_area(regency: Any, store: Engine) -> None:
    for code in CODES:
        regency.site(code, code, "down")
    regency.site("35.10.06.2009", "lama", "down", lifecycle="retired")
    directory = look(store).directory
    for scope, within, count in [
        (Scope(), "", 5),
        (Scope(), "35.10.06", 3),
        (Scope(("35.10",)), "", 4),
        (Scope(("35.10.06",)), "35.11", 0),
    ]:
        seen = directory.seen_by(scope, within)
        assert directory.counts(seen)["down"] == seen.sum() == count
    there = directory.among(2, directory.visible(Scope()))
    assert [directory.names.areas[2][place] for place in there] == ["35.10", "35.11"]


def test_a_regency_is_a_word_of_the_list_but_not_of_the_search(regency: Any, store: Engine) -> None:
    regency.site(CODES[0], "Benculuk", regency="Banyuwangi", district="Cluring", isp="Telkom")
    regency.site(CODES[4], "Ambulu", regency="Jember")
    directory = look(store).directory
    assert codes(directory, Asked(q="wangi bencu"), Scope()) == [CODES[0]]
    assert directory.names.in_regency("jem").tolist() == [False, True]
    held = {word: directory.names.holding(word).any() for word in ("wangi", "clur", "telk", "06.2")}
    assert held == {"wangi": False, "clur": True, "telk": True, "06.2": True}


def test_the_name_of_a_district_by_either_table_is_found(regency: Any, store: Engine) -> None:
    regency.site(CODES[0], "Benculuk", district="Kec. Cluring")
    with writing(store) as connection:
        row = {"code": "35.10.06", "name": "Kecamatan Cluring", "level": "district"}
        connection.execute(insert(schema.areas).values(**row))
    directory = look(store).directory
    assert directory.names.holding("kec.").all()
    assert directory.names.holding("kecamatan").all()
    assert directory.names.called["35.10.06"] == "Kecamatan Cluring"
    assert directory.names.called["35.10"] == "Banyuwangi", "as its sites say"
