"""Rows of notes: what people write down about a site, with every text a note ever had."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select

from agent.strict import Refused
from collector import acts
from collector.schema import note_texts, notes

VERB = "note"
MOST_NOTES = 200  # of one site
MOST_EDITIONS = 20  # of one note
LONGEST = 2000

# made once: putting a statement together costs as much as asking it
_OF_SITE = (
    select(
        notes,
        note_texts.c.by.label("said_by"),
        note_texts.c.at.label("said_at"),
        note_texts.c.text,
    )
    .select_from(notes.join(note_texts, note_texts.c.note == notes.c.id))
    .where(notes.c.site == bindparam("code"))
    .order_by(notes.c.id.desc(), note_texts.c.edition.desc())
)


@dataclass(frozen=True, slots=True)
class Text:
    """What a note said from `at` on, by whom."""

    by: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note with its texts, the newest first; its first text is by who wrote it."""

    id: int
    by: str
    at: float
    texts: Sequence[Text]

    @property
    def text(self) -> str:
        return self.texts[0].text

    @property
    def edition(self) -> int:
        """How many texts it has had."""
        return len(self.texts)


def add(connection: Connection, site: str, text: str, by: str, now: float) -> int:
    """Write a note, in the caller's transaction; its number. Refused says why not."""
    said = _checked(text)
    held = select(func.count()).where(notes.c.site == site)
    if connection.execute(held).scalar_one() >= MOST_NOTES:
        raise Refused("text", f"a site keeps {MOST_NOTES} notes; change one of them")
    row = {"site": site, "by": by, "at": now}
    made = connection.execute(insert(notes).values(row)).inserted_primary_key
    assert made is not None
    number = int(made[0])
    _put(connection, number, 1, said, by, now)
    acts.record(connection, now, by, VERB, site, {"note": number, "edition": 1})
    return number


def edit(
    connection: Connection,
    site: str,
    number: int,
    text: str,
    by: str,
    now: float,
    seen: int | None = None,
) -> bool:
    """Give a note of this site another text; False: it says so already. Refused says why not.

    `seen`: the edition that the writer has read; a newer one is not written over.
    """
    said = _checked(text)
    newest = _newest(connection, site, number)
    if newest is None:
        raise Refused("note", f"there is no note {number} of {site}")
    edition, before = newest
    if before == said:
        return False
    if seen is not None and seen != edition:
        raise Refused("edition", "somebody changed it meanwhile; look at it again")
    if edition >= MOST_EDITIONS:
        raise Refused("text", f"a note is changed at most {MOST_EDITIONS - 1} times; write another")
    _put(connection, number, edition + 1, said, by, now)
    acts.record(connection, now, by, VERB, site, {"note": number, "edition": edition + 1})
    return True


def of_site(connection: Connection, site: str) -> list[Note]:
    """The notes of a site, the newest first."""
    found: dict[int, Note] = {}
    texts: dict[int, list[Text]] = {}
    for row in connection.execute(_OF_SITE, {"code": site}):
        mine_of = texts.setdefault(row.id, [])
        mine_of.append(Text(row.said_by, row.said_at, row.text))
        found.setdefault(row.id, Note(row.id, row.by, row.at, mine_of))
    return list(found.values())


def _newest(connection: Connection, site: str, number: int) -> tuple[int, str] | None:
    mine = notes.join(note_texts, note_texts.c.note == notes.c.id)
    query = select(note_texts.c.edition, note_texts.c.text).select_from(mine)
    of_note = query.where(notes.c.id == number, notes.c.site == site)
    row = connection.execute(of_note.order_by(note_texts.c.edition.desc()).limit(1)).first()
    return None if row is None else (int(row.edition), row.text)


def _put(connection: Connection, number: int, edition: int, text: str, by: str, now: float) -> None:
    row = {"note": number, "edition": edition, "by": by, "at": now, "text": text}
    connection.execute(insert(note_texts).values(row))


def _checked(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    kept = ("".join(c if c.isprintable() else " " for c in line).rstrip() for line in lines)
    said = "\n".join(kept).strip()
    if not said:
        raise Refused("text", "is empty")
    if len(said) > LONGEST:
        raise Refused("text", f"must be at most {LONGEST} characters, got {len(said)}")
    return said
