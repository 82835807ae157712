"""A backup that is not as it was written is refused, with the place, at whatever byte it is."""

import io

import pytest

from agent.strict import Refused
from collector.backup.pieces import CHUNK_BYTES, PieceReader, PieceWriter
from collector.backup.sealed import key_of, seal, unseal


def written(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    backup = PieceWriter(file, {"made_at": 1})
    for name, data in members:
        backup.member(name, [data])
    backup.end()
    return file.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    reader = PieceReader(io.BytesIO(data), "b")
    return {name: b"".join(chunks) for name, chunks in reader.members()}


SMALL = written(("a", b"some words"), ("b", b""))


def test_what_was_written_is_read_also_when_it_is_large() -> None:
    large = bytes(range(256)) * 4096 * 3 + b"end"
    assert len(large) > 2 * CHUNK_BYTES
    assert read(written(("a", large), ("b", b""))) == {"a": large, "b": b""}


def test_cut_off_anywhere_it_is_refused() -> None:
    for size in range(len(SMALL)):
        with pytest.raises(Refused, match="^b: (is empty|is not a backup|cut off at byte)"):
            read(SMALL[:size])


def test_changed_at_any_byte_it_is_refused() -> None:
    for place in range(len(SMALL)):
        changed = bytearray(SMALL)
        changed[place] ^= 0x10
        with pytest.raises(Refused, match=r"^b: (is not a|made by a newer|damaged at|cut off at)"):
            read(bytes(changed))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "b: is empty"),
        (b"SQLite format 3\0" * 9, "b: is not a backup of ronda"),
        (b"ronda backup 2\n..", "b: made by a newer version of ronda (form 2, known 1)"),
        (SMALL + b"x", f"b: damaged at byte {len(SMALL)}: something follows its end"),
    ],
    ids=["empty", "foreign", "newer", "longer"],
)
def test_it_says_what_is_wrong(data: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data)
    assert str(refused.value) == why


def test_pieces_of_another_backup_do_not_fit() -> None:
    other = written(("a", b"other word"), ("b", b""))
    assert len(other) == len(SMALL)
    with pytest.raises(Refused, match="damaged at byte"):
        read(SMALL[:80] + other[80:])


@pytest.mark.slow
def test_a_box_opens_with_its_passphrase_beside_its_backup_only() -> None:
    box = seal({"secret.key": b"\0" * 32}, "kata sandi", "id")
    assert unseal(box, "kata sandi", "id") == {"secret.key": b"\0" * 32}
    for passphrase, bound_to in (("kata", "id"), ("kata sandi", "other")):
        with pytest.raises(Refused, match="passphrase: is not the one of this backup"):
            unseal(box, passphrase, bound_to)
    with pytest.raises(Refused, match="passphrase"):
        unseal(b"", "kata sandi", "id")


def test_a_passphrase_makes_the_key_that_backups_of_before_were_closed_with() -> None:
    # scrypt with 64 MiB: other tests make keys of fewer steps, and would not see it cheapened
    key = "358511cc8f02afad669509b40048c287494ba8079ffae3c6f534de27d1708290"
    assert key_of("kata sandi", bytes(16)).hex() == key
