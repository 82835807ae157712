"""Photos from phones: what is kept is points alone, whatever the file held."""

import io
import struct
import zlib

import pytest
from PIL import Image

from agent.strict import Refused
from web import pictures
from web.pictures import LONGEST_SIDE, fit

WHERE = 34853  # the tag of EXIF that says where a photo was taken


def jpeg(width: int = 80, height: int = 60, turned: int = 1, comment: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "Camera of Yuli"
    exif.get_ifd(WHERE)[2] = (8.0, 27.0, 0.0)
    out = io.BytesIO()
    made = Image.new("RGB", (width, height), "red")
    made.paste("blue", (0, 0, width // 2, height // 2))
    made.save(out, "JPEG", exif=exif, comment=comment)
    return out.getvalue()


def png(width: int = 40, height: int = 30, mode: str = "RGBA") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


def opened(body: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(body))
    found.load()
    return found


def test_nothing_is_kept_of_where_when_and_whose_camera() -> None:
    sent = jpeg(comment=b"at the post near Jajag")
    assert b"Camera of Yuli" in sent
    kept = fit(sent).body
    found = opened(kept)
    assert dict(found.getexif()) == {}
    for hidden in (b"Exif", b"Camera", b"Jajag", b"GPS"):
        assert hidden not in kept


def test_what_hides_behind_the_picture_is_not_kept() -> None:
    kept = fit(jpeg() + b"<script>alert(1)</script>").body
    assert b"script" not in kept
    assert opened(kept).format == "JPEG"


def test_a_photo_taken_sideways_stands_upright() -> None:
    made = fit(jpeg(80, 60, turned=6))
    assert (made.width, made.height) == (60, 80)
    corner = opened(made.body).getpixel((50, 10))
    assert isinstance(corner, tuple)
    assert corner[2] > 200 > corner[0]


@pytest.mark.slow
def test_a_large_photo_is_made_small() -> None:
    made = fit(jpeg(4000, 3000))
    assert max(made.width, made.height) == LONGEST_SIDE
    assert len(made.body) < 200_000


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "I;16", "1", "RGB"])
def test_every_kind_of_png_becomes_a_jpeg(mode: str) -> None:
    made = fit(png(mode=mode))
    assert opened(made.body).mode == "RGB"
    assert (made.width, made.height) == (40, 30)


def test_what_is_clear_is_white() -> None:
    assert opened(fit(png()).body).getpixel((5, 5)) == (255, 255, 255)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side: int) -> bytes:
    """A PNG that says it is far larger than its bytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999))


SENT = [
    pytest.param(b"", "empty", id="nothing"),
    pytest.param(b"GIF89a" + b"\0" * 99, "kind", id="a GIF"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind", id="an SVG"),
    pytest.param(b"%PDF-1.7", "kind", id="a PDF"),
    pytest.param(jpeg()[:200], "broken", id="half a JPEG"),
    pytest.param(b"\xff\xd8\xff" + b"\0" * 500, "broken", id="a JPEG by its first bytes only"),
    pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "broken", id="a PNG by its first bytes only"),
    pytest.param(bomb(30_000), "large", id="more points than a PNG may have"),
    pytest.param(bomb(4_000)[:60], "broken", id="a PNG that breaks off"),
    pytest.param(b"\xff\xd8\xff" + b"\0" * pictures.LARGEST_FILE, "large", id="too many bytes"),
]


@pytest.mark.parametrize(("sent", "why"), SENT)
def test_what_is_no_photo_is_refused(sent: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        fit(sent)
    assert refused.value.problem == why
    assert pictures.photo_words(why)
