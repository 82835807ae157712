"""A photo from a phone made fit to be kept: its points alone, in a size that a page can carry.

What is kept was decoded and encoded anew, so nothing of what cameras and programs write beside the
points (place, time, owner, thumbnail) and nothing hidden in the file gets further than here.
"""

import io
import struct
import threading
from typing import Any

from PIL import Image, ImageFile, ImageOps

from agent.strict import Refused
from alerts.photos import Picture
from web.tongue import lazy_gettext

LARGEST_FILE = 8 * 1024 * 1024
LONGEST_SIDE = 1280
# a JPEG is shrunk while it is read, a PNG is read whole
_MOST_POINTS = {"JPEG": 80_000_000, "PNG": 16_000_000}
_QUALITY = 72
_BEGINNINGS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
# each takes tens of megabytes for a moment
_one_at_a_time = threading.Lock()
_BECAME: dict[str, Any] = {
    "empty": lazy_gettext("No photo was chosen."),
    "large": lazy_gettext("The photo is too large: 8 MB at most."),
    "kind": lazy_gettext("Only JPEG and PNG photos can be kept."),
    "broken": lazy_gettext("The photo is not whole. Try once more."),
    "enough": lazy_gettext("This incident has as many photos as it may have."),
    "full": lazy_gettext("There is no room for photos at the moment."),
    "missing": lazy_gettext("There is no such incident."),
    "done": lazy_gettext("The photo is kept, without place and time of the camera."),
}


def photo_words(what: str) -> str:
    """What became of a photo: the problem of `fit`, or the small name of what `photos.add` says."""
    return str(_BECAME.get(what, ""))


def fit(data: bytes) -> Picture:
    """Refused(photo, why): `large`, `kind`, `broken` or `empty`."""
    if not data:
        raise Refused("photo", "empty")
    if len(data) > LARGEST_FILE:
        raise Refused("photo", "large")
    kind = next((name for start, name in _BEGINNINGS.items() if data.startswith(start)), None)
    if kind is None:
        raise Refused("photo", "kind")
    with _one_at_a_time:
        return _redrawn(data, kind)


def _redrawn(data: bytes, kind: str) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            fits = opened.width * opened.height <= _MOST_POINTS[kind]
            made = _encoded(opened) if fits else None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("photo", "large") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        # Pillow says by many errors that a file is not whole
        raise Refused("photo", "broken") from error
    if made is None:
        raise Refused("photo", "large")
    return made


def _encoded(opened: ImageFile.ImageFile) -> Picture:
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(opened)
    plain = Image.new("RGB", upright.size, "white")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        plain.paste(clear, mask=clear.getchannel("A"))
    else:
        plain.paste(upright.convert("RGB"))
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), plain.width, plain.height)
