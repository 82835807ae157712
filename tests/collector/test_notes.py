"""Notes about a site: every text stays, everything has a bound, each change is an act."""

import pytest

from agent.strict import Refused
from collector import acts, db, notes
from collector.settings import Settings
from tests.stores import migrated

SITE, OTHER = "35.10.06.2005", "35.10.11.2002"


def test_a_note_keeps_every_text_it_had(store_settings: Settings) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        first = notes.add(connection, SITE, " kunci di Pak Carik \r\ntelepon dulu ", "agus", 10.0)
        second = notes.add(connection, SITE, "AP dipindah", "nur", 20.0)
        notes.add(connection, OTHER, "lain", "nur", 25.0)
        assert notes.edit(connection, SITE, first, "kunci di Bu Carik", "nur", 30.0)
        assert not notes.edit(connection, SITE, first, "kunci di Bu Carik ", "nur", 31.0)
        found = notes.of_site(connection, SITE)
        assert [note.id for note in found] == [second, first]
        assert found[1].text == "kunci di Bu Carik"
        assert (found[1].by, found[1].at) == ("agus", 10.0)
        assert found[1].texts[1] == notes.Text("agus", 10.0, "kunci di Pak Carik\ntelepon dulu")
        told = acts.about(connection, SITE, notes.VERB)
        assert [(act.by, act.body["edition"]) for act in told] == [
            ("nur", 2),
            ("nur", 1),
            ("agus", 1),
        ]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("site", "text", "problem"),
    [
        pytest.param(SITE, " \n\t ", "is empty", id="nothing"),
        pytest.param(SITE, "x" * 2001, "at most 2000 characters, got 2001", id="too long"),
        pytest.param(OTHER, "x", "there is no note 1 of", id="of another site"),
    ],
)
def test_what_is_no_note_is_refused(
    store_settings: Settings, site: str, text: str, problem: str
) -> None:
    migrated(store_settings)
    with db.writing(db.open_store(store_settings)) as connection:
        number = notes.add(connection, SITE, "a", "agus", 10.0)
        with pytest.raises(Refused, match=problem):
            notes.edit(connection, site, number, text, "agus", 11.0)


@pytest.mark.slow
def test_there_are_so_many_notes_and_so_many_texts(tmp_path: object) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    with db.writing(db.open_store(settings)) as connection:
        for n in range(notes.MOST_NOTES):
            number = notes.add(connection, SITE, f"{n}", "agus", n)
        with pytest.raises(Refused, match="200 notes"):
            notes.add(connection, SITE, "one more", "agus", 999.0)
        for n in range(notes.MOST_EDITIONS - 1):
            notes.edit(connection, SITE, number, f"again {n}", "agus", n)
        with pytest.raises(Refused, match="at most 19 times"):
            notes.edit(connection, SITE, number, "once more", "agus", 999.0)
