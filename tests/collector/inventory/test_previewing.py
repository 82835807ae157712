"""An import looked at, taken and undone, on each database."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import acts, db
from collector.inventory import drafts, previewing, undoing
from collector.inventory.guessing import kinds_of
from collector.inventory.keeping import Outcome, put
from collector.inventory.kinds import KINDS
from collector.inventory.previewing import File, Preview
from collector.inventory.store import rows_of
from collector.retention import forget_old
from collector.settings import Settings

Take = Callable[[str, str], Outcome]
HERE, THERE = "35.10.06.2005", "35.10.06.2006"
AREAS = f"code,name,lat,lon\n{HERE},Benculuk,-8.4,114.2\n{THERE},Cluring,,\n"
LINES = f"site,name,isp\n{HERE},main,Telkom\n"
FILES = [File("lines.csv", "uplinks", LINES.encode()), File("a.csv", "areas", AREAS.encode(), True)]

READ = previewing.read(FILES)


def anywhere(_: str) -> bool:
    return True


def test_a_draft_is_looked_at_taken_and_undone(store: Engine) -> None:
    with db.writing(store) as connection:
        number = drafts.begin(connection, FILES, 1.0, "siti")
        files = drafts.files(connection, number)
        preview = previewing.look(connection, previewing.read(files), anywhere)
    assert files == FILES
    assert [(p.kind, len(p.new), len(p.made), p.problems) for p in preview.parts] == [
        ("areas", 2, 3, []),
        ("sites", 2, 0, []),
        ("uplinks", 1, 0, []),
    ]
    taken(store, number, preview)
    with db.reading(store) as connection:
        sites = rows_of(connection, KINDS["sites"].table)
        assert [(s["code"], s["lifecycle"], s["lat"]) for s in sites] == [
            (HERE, "planned", -8.4),
            (THERE, "planned", None),
        ]
        assert {act.body.get("import") for act in acts.waiting(connection)} == {number}
        changes = drafts.changes(connection, number)
        back = undoing.look(connection, changes, anywhere)
    assert (len(back.back), back.staying) == (8, [])
    with db.writing(store) as connection:
        undoing.undo(connection, changes, back.mark, anywhere, 3.0, "siti", number)
        assert drafts.undone(connection, number, 3.0, "siti")
        assert not drafts.undone(connection, number, 3.0, "siti")
    with db.reading(store) as connection:
        assert [rows_of(connection, KINDS[name].table) for name in KINDS] == [[]] * len(KINDS)
        found = drafts.find(connection, number)
    assert found is not None and (found.state, found.undoable) == ("undone", False)


def taken(store: Engine, number: int, preview: Preview) -> None:
    with db.writing(store) as connection:
        outcomes = previewing.apply(connection, READ, preview.mark, anywhere, 2.0, "siti", number)
        changes = [change for outcome in outcomes for change in outcome.changes]
        assert drafts.applied(connection, number, {"files": []}, changes, 2.0, "siti")


def test_another_inventory_is_another_mark(store: Engine) -> None:
    with db.writing(store) as connection:
        shown = previewing.look(connection, READ, anywhere).mark
        put(connection, "areas", [{"code": HERE, "name": "Bencoeloek"}], 1.0, "rian")
        assert previewing.look(connection, READ, anywhere).mark != shown
    with db.writing(store) as connection, pytest.raises(Refused, match="changed meanwhile"):
        previewing.apply(connection, READ, shown, anywhere, 2.0, "siti", 1)


def test_a_look_before_the_lock_counts_while_nobody_did_anything_since(store: Engine) -> None:
    with db.reading(store) as connection:
        looked = previewing.look(connection, READ, anywhere)
    taking = (READ, looked.mark, anywhere, 2.0, "siti", 1, looked)
    with db.writing(store) as connection:
        put(connection, "areas", [{"code": HERE, "name": "Bencoeloek"}], 1.0, "rian")
    with db.writing(store) as connection, pytest.raises(Refused, match="changed meanwhile"):
        previewing.apply(connection, *taking)
    with db.reading(store) as connection:
        looked = previewing.look(connection, READ, anywhere)
    with db.writing(store) as connection:
        done = previewing.apply(connection, READ, looked.mark, anywhere, 2.0, "siti", 1, looked)
        assert previewing.look(connection, READ, anywhere).touches == 0
    assert [(one.kind, len(one.new), len(one.changed)) for one in done] == [
        ("areas", 1, 1),
        ("sites", 2, 0),
        ("uplinks", 1, 0),
    ]


def test_what_does_not_touch_its_rows_leaves_the_mark(store: Engine) -> None:
    with db.writing(store) as connection:
        shown = previewing.look(connection, READ, anywhere).mark
        put(connection, "holidays", [{"date": "2026-12-25", "name": "Natal"}], 1.0, "rian")
        assert previewing.look(connection, READ, anywhere).mark == shown


def test_too_many_services_for_one_agent_are_refused_at_the_look(store: Engine) -> None:
    lines = "".join(f"s{n},http,http://h{n}/\n" for n in range(60))
    files = [
        File("s.csv", "services", f"name,kind,target\n{lines}".encode()),
        File("p.csv", "sites", f"code,name\n{HERE},B\n".encode()),
    ]
    with db.reading(store) as connection:
        preview = previewing.look(connection, previewing.read(files), anywhere)
    assert preview.parts[1].problems == [f"{HERE} would have 60 services to check, 50 at most"]


@pytest.mark.slow
def test_what_older_imports_changed_is_let_go(store: Engine) -> None:
    with db.writing(store) as connection:
        for at in range(drafts.MOST_UNDOABLE + 2):
            number = drafts.begin(connection, [], float(at), "siti")
            assert drafts.applied(connection, number, {}, [], float(at), "siti")
        undoable = [draft.undoable for draft in drafts.listed(connection)]
    assert undoable == [True] * drafts.MOST_UNDOABLE + [False] * 2


@pytest.mark.parametrize(
    ("file", "text", "kinds"),
    [
        ("x.csv", "code,name,level,parent,lat,lon,kind\n", ["areas"]),
        ("x.csv", "code;name;isp\n", ["sites"]),
        ("x.csv", "code,name\n", ["areas", "sites"]),
        ("2026-sites.csv", "code,name\n", ["sites"]),
        ("x.csv", "site,name,mbps\n", ["uplinks"]),
        ("x.csv", "site,name,serial\n", ["devices"]),
        ("x.csv", "scope,name,role\n", ["contacts"]),
        ("x.csv", "name,target,must_match\n", ["services"]),
        ("x.csv", "date,name\n", ["holidays"]),
        ("x.geojson", ' {"type": "FeatureCollection"}', ["areas"]),
        ("x.csv", "", []),
    ],
)
def test_a_file_tells_its_kind(file: str, text: str, kinds: list[str]) -> None:
    assert kinds_of(text.encode(), file) == kinds


def test_old_drafts_go_also_where_nobody_imports_any_more(
    store_settings: Settings, store: Engine
) -> None:
    with db.writing(store) as connection:
        drafts.begin(connection, FILES, 1.0, "siti")
        taken_then = drafts.begin(connection, FILES, 1.0, "siti")
        assert drafts.applied(connection, taken_then, {}, [], 1.0, "siti")
        kept = drafts.begin(connection, FILES, drafts.UNDOABLE_S + 2, "siti")
    with db.writing(store) as connection:
        # the first two were over the bounds when the third came
        assert [draft.id for draft in drafts.listed(connection)] == [kept, taken_then]
        assert drafts.forget(connection, drafts.UNDOABLE_S + 2) == 0
    later = drafts.UNDOABLE_S + drafts.DRAFT_S + 3
    assert forget_old(store_settings, later)["imports"] == 1
    with db.reading(store) as connection:
        assert drafts.files(connection, kept) == []
