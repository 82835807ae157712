"""Which journal a centre has, by its settings: files in its folder, or a stream of NATS."""

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agent.strict import Refused
from collector.journal.files import FileReader, FileWriter
from collector.journal.protocol import JournalFailed, Reader, Writer
from collector.journal.segments import read_end
from collector.settings import Settings

if TYPE_CHECKING:
    from collector.journal.link import Link
    from collector.journal.standing import Standing
    from collector.journal.stream import Shape
    from collector.journal.talk import Talk

PASSWORD = "RONDA_JOURNAL_PASSWORD"
_MIB = 1 << 20


def open_reader(settings: Settings) -> Reader:
    """A reader of this centre's journal; Refused when it cannot be asked as it is set."""
    if not settings.journal:
        return FileReader(settings.journal_folder)
    link, shape = _stream(settings)
    from collector.journal.stream_reader import StreamReader

    return StreamReader(link, shape)


def open_writer(
    settings: Settings, folded: Callable[[], int | None], site_of: Callable[[int], str]
) -> Writer:
    """A writer of it. `folded`: the position that is folded, None while that cannot be known;
    `site_of` an agent decides in which part of a stream its records stand.

    JournalFailed when somebody else writes these files, Refused as above.
    """
    if not settings.journal:
        return FileWriter(settings.journal_folder, at_least=folded() or 0)
    _refuse_left_over(settings, folded())
    link, shape = _stream(settings)
    from collector.journal.stream_writer import StreamWriter

    def passed() -> int | None:
        # history of a restored centre may have seen more than its fold
        at = folded()
        return None if at is None else max(at, read_end(settings.journal_folder) or 0)

    return StreamWriter(link, shape, passed, site_of)


def open_talk(settings: Settings, heard: Callable[[bytes], None]) -> "Talk | None":
    """Words between ingests of this centre; None: there can be one only."""
    if not settings.journal:
        return None
    link, shape = _stream(settings)
    from collector.journal.talk import Talk

    return Talk(link, f"{shape.name}.ingests", heard)


def open_standing(settings: Settings) -> "Standing | None":
    """How the stream stands; None while there is none."""
    link, shape = _stream(settings)
    from collector.journal.standing import standing_of

    try:
        return standing_of(link, shape)
    finally:
        link.close()


def free_bytes(settings: Settings, free: Callable[[Path], int] | None = None) -> Callable[[], int]:
    """How much room there is; servers elsewhere say so themselves, by refusing."""
    if settings.journal:
        return lambda: 1 << 62
    ask = free or (lambda folder: shutil.disk_usage(folder).free)
    return lambda: ask(settings.journal_folder)


def _stream(settings: Settings) -> tuple["Link", "Shape"]:
    try:
        # with files nobody need have the client
        from collector.journal.link import Access, Link
        from collector.journal.stream import Shape
    except ModuleNotFoundError as error:
        raise Refused("journal", "wants another library: pip install 'ronda[cluster]'") from error
    signed_in = settings.journal_user, password(settings)
    access = Access(settings.journal, *signed_in, settings.journal_ca)
    most_bytes = settings.journal_max_mb * _MIB or -1
    return Link(access), Shape(settings.journal_name, settings.journal_replicas, most_bytes)


def password(settings: Settings, environment: Mapping[str, str] = os.environ) -> str:
    """What we sign in with; Refused when it cannot be read, or others may read it."""
    given, name = environment.get(PASSWORD, ""), settings.journal_password_file
    if given or not name:
        return given
    path = Path(name)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Refused("journal_password_file", f"others may read it: chmod 600 {path}")
        return path.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("journal_password_file", f"cannot be read: {error}") from error


def _refuse_left_over(settings: Settings, folded: int | None) -> None:
    """What was answered for and lies in files would never be folded beside a stream."""
    if not settings.journal_folder.is_dir() or folded is None:
        return
    left = FileReader(settings.journal_folder)
    try:
        if left.read(folded, limit=1):
            problem = f"{left.waiting(folded)} in {settings.journal_folder} are not folded yet"
            raise JournalFailed(f"{problem}: start once more without RONDA_JOURNAL")
    finally:
        left.close()
