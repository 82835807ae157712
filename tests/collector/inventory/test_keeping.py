"""What goes out of the inventory is told to the fold, which looks at it no longer."""

from collections.abc import Callable

from sqlalchemy import Engine

from collector import acts, db
from collector.fold.sites import Sites
from collector.inventory.keeping import Outcome, put, remove
from collector.inventory.kinds import KINDS
from collector.inventory.store import rows_of

Take = Callable[[str, str], Outcome]
BENCULUK = "35.10.06.2005"


def followed(store: Engine) -> Sites:
    """The sites as the fold has them after it applied all acts."""
    sites = Sites()
    with db.reading(store) as connection:
        for act in acts.waiting(connection):
            sites.recall(act)
    return sites


def test_a_site_that_went_is_watched_no_longer(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n35.10.06.2006,C\n")
    with db.writing(store) as connection:
        rows = rows_of(connection, KINDS["sites"].table)
        remove(connection, "sites", rows[:1], 1.0, "siti")
        assert [row["name"] for row in rows_of(connection, KINDS["sites"].table)] == ["C"]
    sites = followed(store)
    gone, stays = sites.get(BENCULUK), sites.get("35.10.06.2006")
    assert gone is not None and stays is not None
    assert (gone.active, stays.active) == (False, True)


def test_a_line_that_went_counts_no_longer(store: Engine, take: Take) -> None:
    take("sites", f"code,name\n{BENCULUK},B\n")
    take("uplinks", f"site,name,isp\n{BENCULUK},main,Telkom\n{BENCULUK},4g,XL\n")
    with db.writing(store) as connection:
        (row, _) = rows_of(connection, KINDS["uplinks"].table)
        assert row["name"] == "4g"
        remove(connection, "uplinks", [row], 1.0, "siti")
    site = followed(store).get(BENCULUK)
    assert site is not None and [line.name for line in site.lines] == ["main"]


def test_an_act_says_what_it_belongs_to(store: Engine) -> None:
    with db.writing(store) as connection:
        outcome = put(
            connection, "sites", [{"code": BENCULUK, "name": "B"}], 1.0, "s", {"import": 7}
        )
        (act,) = acts.waiting(connection)
    assert act.body["import"] == 7
    assert [change.name for change in outcome.changes] == ["35", "35.10", "35.10.06", BENCULUK]
