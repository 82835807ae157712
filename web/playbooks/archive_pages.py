"""Configurations that were read from a site's devices: listed, compared day to day, taken away."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, render_template, request

from playbooks import archives, differences
from playbooks.archives import Archive
from playbooks.differences import PACKED
from web.context import centre, facts, role_required
from web.playbooks import powers
from web.playbooks.desk import bp, reader
from web.sites import the_site
from web.tongue import gettext

# longer texts take too long to compare
_MOST_BYTES, _MOST_LINES = 1 << 20, 8000
_MOST_SHOWN = 2000
_AROUND = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines with `+`, `-`, `@` or a space before them; `why_not`: why there is none to show."""

    lines: Sequence[tuple[str, str]] = ()
    left_out: int = 0
    why_not: str = ""

    @property
    def changed(self) -> int:
        return sum(sign in "+-" for sign, _ in self.lines)


@bp.get("/archives/<code>")
def archive(code: str) -> str:
    """The archives of a site; with `to` what changed in that one since `from`."""
    site, settings = the_site(code), centre().settings
    may_read = reader().role in powers.READS_ARCHIVES
    if request.args.get("to") and not may_read:
        abort(403, gettext("Your role does not allow this."))
    kept = archives.listed(settings, site.code)
    new, old = _wanted(kept, "to"), _wanted(kept, "from")
    found = None
    if new is not None:
        old = old or before(kept, new)
        found = _compared(site.code, old, new) if old else Difference(why_not="first")
    return render_template(
        "playbooks/archives.html",
        site=site,
        zone=facts().zone(site.code, settings.timezone),
        kept=kept,
        new=new,
        old=old,
        found=found,
        may_read=may_read,
        before=before,
    )


@bp.get("/archives/<code>/<name>")
@role_required(*powers.READS_ARCHIVES)
def take(code: str, name: str) -> Response:
    """One archive as a file."""
    data = archives.read(centre().settings, the_site(code).code, name)
    if data is None:
        abort(404)
    answer = Response(data, content_type="application/octet-stream")
    # names hold nothing but letters, digits and . _ @ : + -
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def before(kept: Sequence[Archive], one: Archive) -> Archive | None:
    """The one before it, of the same device and playbook."""
    older = (each for each in kept if each.of == one.of and each.at < one.at)
    return next(older, None)


def compared(old: bytes, new: bytes) -> Difference:
    """What changed from one text to the next, or from one packed folder to the next; pure."""
    if old.startswith(PACKED) and new.startswith(PACKED):
        return _of_files(old, new)
    if max(len(old), len(new)) > _MOST_BYTES:
        return Difference(why_not="large")
    try:
        texts = [data.decode() for data in (old, new)]
    except UnicodeDecodeError:
        return Difference(why_not="binary")
    if any("\0" in text for text in texts):
        return Difference(why_not="binary")
    before, after = (text.splitlines() for text in texts)
    if max(len(before), len(after)) > _MOST_LINES:
        return Difference(why_not="large")
    lines = list(difflib.unified_diff(before, after, lineterm="", n=_AROUND))[2:]
    told = [(line[:1], line[1:] if line[:1] != "@" else line) for line in lines]
    return Difference(told[:_MOST_SHOWN], max(0, len(told) - _MOST_SHOWN))


def _of_files(old: bytes, new: bytes) -> Difference:
    """File by file; secrets of files are hidden, which a packed folder of a device is full of."""
    told = [
        ("@" if sign == "file~" else sign[-1], text) for sign, text in differences.changes(old, new)
    ]
    return Difference(told[:_MOST_SHOWN], max(0, len(told) - _MOST_SHOWN))


def _compared(site: str, old: Archive, new: Archive) -> Difference:
    found = [archives.read(centre().settings, site, one.name) for one in (old, new)]
    if found[0] is None or found[1] is None:
        abort(404)
    return compared(found[0], found[1])


def _wanted(kept: Sequence[Archive], key: str) -> Archive | None:
    name = request.args.get(key, "")
    if not name:
        return None
    return next((one for one in kept if one.name == name), None) or abort(404)
