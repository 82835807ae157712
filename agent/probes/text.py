"""The text of a web page, whatever its server calls it; pure and bounded."""

import re

from agent.answer import Response
from agent.probes.visit import PAGE_BYTES

# by name only these: some of Python's codecs take minutes over 200 kB
_CHARSETS = {
    "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "cp1252",
    "iso-8859-15", "utf-16", "utf-16le", "utf-16be",
}  # fmt: skip
_NAMED = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_META_BYTES = 2048


def page_text(response: Response) -> str:
    """The page, unpacked and decoded; what cannot be decoded becomes a replacement character."""
    body = _unpacked(response)
    return body.decode(_charset(response.headers.get("content-type", ""), body), "replace")


def title(text: str) -> str:
    """What stands in the title, on one line; "" when there is none."""
    found = _TITLE.search(text)
    return " ".join(found[1].split())[:80] if found else ""


def words_of(text: str) -> str:
    """Lower-case words with single spaces: without tags, `slot <b>gacor</b>` is `slot gacor`."""
    bare = _TAG.sub(" ", text).replace("&nbsp;", " ")
    return " ".join(bare.lower().split())


def _charset(content_type: str, body: bytes) -> str:
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    for place in (content_type, body[:_META_BYTES].decode("latin-1")):
        found = _NAMED.search(place)
        if found and found[1].lower() in _CHARSETS:
            return found[1]
    return "utf-8"


def _unpacked(response: Response) -> bytes:
    """Some servers send gzip to those who asked for none."""
    packed = response.headers.get("content-encoding", "").lower()
    if packed not in ("gzip", "x-gzip", "deflate"):
        return response.body
    import zlib

    try:
        # 32: gzip and zlib by their own heads
        return zlib.decompressobj(32 + zlib.MAX_WBITS).decompress(response.body, PAGE_BYTES)
    except zlib.error:
        return response.body
