"""The centre about itself, for its administrators: health, backups, room, agents, channels."""

import shutil
import threading
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import cli_channels
from alerts.channels.config import Line, load
from collector import acts, doctor, doctor_backup, vocabularies
from collector.backup import records
from collector.backup.records import What
from collector.db import reading, writing
from collector.withholding import kinds, release
from web import incident_words, reasons
from web.context import centre, home_zone, me, now, role_required, scope
from web.tongue import gettext, lazy_gettext

bp = Blueprint("centre", __name__)

TRIED = "channel_tested"
WORKS = {
    What.BACKUP: lazy_gettext("Backup"),
    What.COPY: lazy_gettext("Copy on another machine"),
    What.TEST: lazy_gettext("Restore test"),
}
# by what doctor calls them
FINDINGS = {
    "data": lazy_gettext("Data folder"),
    "disk": lazy_gettext("Disk"),
    "secret": lazy_gettext("Key of the centre"),
    "secrets": lazy_gettext("What the backup did not hold"),
    "open files": lazy_gettext("Open files"),
    "ronda": lazy_gettext("Database of the centre"),
    "history": lazy_gettext("Database of numbers"),
    "journal": lazy_gettext("Journal of reports"),
    "clock": lazy_gettext("Clock"),
    "fold": lazy_gettext("Evaluation of reports"),
    "agents": lazy_gettext("Agents"),
    "configuration": lazy_gettext("Configuration of agents"),
    "checks": lazy_gettext("Checks"),
    "outside": lazy_gettext("Seen from outside"),
    "capacity": lazy_gettext("Measured lines"),
    "devices": lazy_gettext("Devices"),
    "beacons": lazy_gettext("Beacons"),
    "bytes": lazy_gettext("Data used by agents"),
    "live pages": lazy_gettext("Live pages"),
    "heartbeat": lazy_gettext("Sign of life to outside"),
    "rules": lazy_gettext("Rules"),
    "passwords": lazy_gettext("Passwords of checks"),
    "webhooks": lazy_gettext("Webhooks"),
    "restored": lazy_gettext("Came back from a backup"),
    "backup": lazy_gettext("Backup"),
    "backup copy": lazy_gettext("Copy on another machine"),
    "restore test": lazy_gettext("Restore test"),
    "acts": lazy_gettext("Chain of acts"),
    "second steps": lazy_gettext("Second steps of sign-in"),
    "numbers": lazy_gettext("Room of numbers"),
    "vocabulary": lazy_gettext("Checks that agents know"),
}
_LONGEST = 200
_MOST_WORKS = 20
# a gateway may take its time: one administrator at a time waits for it
_trying = threading.Lock()


@bp.get("/centre")
@role_required("admin")
def show() -> str:
    """All of it as it is now."""
    _of_everything()
    settings = centre().settings
    lines, broken = _lines()
    with reading(centre().store) as connection:
        works = records.works(connection)
        channels = cli_channels.as_json(connection, lines, settings, now())
        knowing = vocabularies.counts(connection)
    return render_template(
        "centre.html",
        settings=settings,
        findings=sorted(doctor.examine(settings, now()), key=lambda one: one.fine),
        nights=_nights(works),
        works=works[:_MOST_WORKS],
        titles=WORKS,
        channels=channels,
        broken=broken,
        agents=_releases(knowing),
        disk=shutil.disk_usage(settings.folder),
        zone=home_zone(),
        named=_named,
        find=reasons.find,
        channel=incident_words.channel,
    )


@bp.post("/centre/channels/<name>/test")
@role_required("admin")
def try_channel(name: str) -> Response:
    """A trial message by one channel to an address; written down who did it."""
    _of_everything()
    settings = centre().settings
    line = next((one for one in _lines()[0] if one.name == name), None)
    target = request.form.get("target", "").strip()[:_LONGEST]
    if line is None:
        abort(404)
    if not target:
        flash(gettext("Give a number, chat or address."), "bad")
    elif not _trying.acquire(blocking=False):
        flash(gettext("Another trial is under way. Try again in a minute."), "bad")
    else:
        try:
            done = cli_channels.attempt(line, target, settings.language, settings)
        finally:
            _trying.release()
        user = me()
        with writing(centre().store) as connection:
            told = {"target": target, "taken": done["taken"]}
            acts.record(connection, now(), user.name if user else "", TRIED, name, told)
        said = {"channel": name, "answer": done["answer"]}
        if done["taken"]:
            flash(gettext("%(channel)s took it: %(answer)s") % said, "good")
        else:
            flash(gettext("%(channel)s did not take it: %(answer)s") % said, "bad")
    return redirect(url_for("centre.show", _anchor="h-channels"), 303)


def _named(name: str) -> str:
    """What doctor calls what it looks at, in words."""
    return str(FINDINGS.get(name, name))


def _lines() -> tuple[Sequence[Line], str]:
    """All channels; what is wrong with their file, where nobody could read it."""
    try:
        return load(centre().settings), ""
    except Refused as refused:
        return (), str(refused)


def _of_everything() -> None:
    if not scope().everything:
        abort(403, gettext("Your role does not allow this."))


def _nights(works: list[records.Work]) -> list[dict[str, Any]]:
    """How each kind of work stands; nothing where no backup is made by itself."""
    settings = centre().settings
    begun = doctor_backup.begun_at(settings)
    kinds = [what for what in What if what is not What.COPY or settings.backup_sftp]
    return [
        {
            "title": WORKS[what],
            "fine": doctor_backup.finding(works, what, now(), begun).fine,
            "good": records.last_fine(works, what),
            "last": records.last(works, what),
        }
        for what in kinds
        if settings.backup_folder
    ]


def _releases(knowing: dict[str, int]) -> list[tuple[str, int, int]]:
    """Versions, how many kinds of checks they know, how many agents: most capable first."""
    found = [(release(told), kinds(told), count) for told, count in knowing.items()]
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)
