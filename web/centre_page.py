"""The centre about itself, for its administrators: health, backups, room, agents, channels."""

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from alerts import cli_channels
from alerts.channels.config import Line, load
from collector import acts, doctor, doctor_backup, doctor_people, vocabularies
from collector.backup import records
from collector.backup.records import What
from collector.db import reading, writing
from collector.finding import Finding
from collector.following import Follower
from collector.withholding import kinds, release
from web import incident_words, reasons
from web.context import centre, home_zone, now, role_required, scope
from web.inventory.desk import by
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
    "durable": lazy_gettext("Journal on several disks"),
    "lease": lazy_gettext("Engine that works"),
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
    "alertmanager": lazy_gettext("Alertmanager"),
    "alerts of others": lazy_gettext("Alerts of other systems"),
    "centre above": lazy_gettext("Centre above"),
    "centres below": lazy_gettext("Centres below"),
    "remote write": lazy_gettext("Copy of numbers to another system"),
    "remote write to the engine": lazy_gettext("Numbers to the external engine"),
    "rules": lazy_gettext("Rules"),
    "contacts": lazy_gettext("Contacts"),
    "passwords": lazy_gettext("Passwords of checks"),
    "webhooks": lazy_gettext("Webhooks"),
    "restored": lazy_gettext("Came back from a backup"),
    "backup": lazy_gettext("Backup"),
    "backup copy": lazy_gettext("Copy on another machine"),
    "restore test": lazy_gettext("Restore test"),
    "acts": lazy_gettext("Chain of acts"),
    "second steps": lazy_gettext("Second steps of sign-in"),
    "numbers": lazy_gettext("Room of numbers"),
    "window": lazy_gettext("Newest numbers"),
    "engine": lazy_gettext("External engine of numbers"),
    "console": lazy_gettext("Door for people"),
    "public address": lazy_gettext("Address for people"),
    "ingest": lazy_gettext("Door for agents"),
    "evidence": lazy_gettext("Sealed evidence"),
    "vocabulary": lazy_gettext("Checks that agents know"),
}
_LONGEST = 200
_MOST_WORKS = 20
R = TypeVar("R")
_trying = threading.Lock()


@bp.get("/centre")
@role_required("admin")
def show() -> str:
    """All of it as it is now."""
    _of_everything()
    settings = centre().settings
    known, broken = lines()
    with reading(centre().store) as connection:
        works = records.works(connection)
        channels = cli_channels.as_json(connection, known, settings, now())
        knowing = vocabularies.counts(connection)
    return render_template(
        "centre.html",
        settings=settings,
        findings=sorted(
            doctor.examine(settings, now(), _acts), key=lambda one: (one.fine, not one.note)
        ),
        nights=_nights(works),
        works=works[:_MOST_WORKS],
        titles=WORKS,
        channels=channels,
        broken=broken,
        agents=releases(knowing),
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
    line = next((one for one in lines()[0] if one.name == name), None)
    target = request.form.get("target", "").strip()[:_LONGEST]
    if line is None:
        abort(404)
    if not target:
        flash(gettext("Give a number, chat or address."), "bad")
    elif (done := attempt(line, target)) is None:
        flash(gettext("Another trial is under way. Try again in a minute."), "bad")
    else:
        said = {"channel": name, "answer": done["answer"]}
        if done["taken"]:
            flash(gettext("%(channel)s took it: %(answer)s") % said, "good")
        else:
            flash(gettext("%(channel)s did not take it: %(answer)s") % said, "bad")
    return redirect(url_for("centre.show", _anchor="h-channels"), 303)


def attempt(line: Line, target: str) -> Mapping[str, Any] | None:
    """What came of a trial message by a channel, written down who did it; None while another is
    under way."""
    settings = centre().settings
    done = one_at_a_time(lambda: cli_channels.attempt(line, target, settings.language, settings))
    if done is not None:
        with writing(centre().store) as connection:
            told = {"target": target, "taken": done["taken"]}
            acts.record(connection, now(), by(), TRIED, line.name, told)
    return done


def one_at_a_time(tries: Callable[[], R]) -> R | None:
    """A gateway may take its time: one at a time waits for it; None where somebody does."""
    if not _trying.acquire(blocking=False):
        return None
    try:
        return tries()
    finally:
        _trying.release()


def remember(person: str, done: Sequence[Mapping[str, Any]]) -> None:
    """Write down that a person was reached."""
    with writing(centre().store) as connection:
        cli_channels.record_reached(connection, person, done, now(), by())


def _acts() -> Finding:
    """What is known of the chain of acts, and when all of it was followed."""
    known: Follower = current_app.extensions.setdefault("ronda_chain", Follower(centre().store))
    found = known.look(now())
    if found.checked is None:
        return Finding("acts", f"{found.acts} acts are being followed, look again in a minute")
    at = datetime.fromtimestamp(found.whole_at, home_zone())
    return doctor_people.acts(found.checked, f", all followed {at:%Y-%m-%d %H:%M}")


def _named(name: str) -> str:
    """What doctor calls what it looks at, in words."""
    return str(FINDINGS.get(name, name))


def lines() -> tuple[Sequence[Line], str]:
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


def releases(knowing: dict[str, int]) -> list[tuple[str, int, int]]:
    """Versions, how many kinds of checks they know, how many agents: most capable first."""
    found = [(release(told), kinds(told), count) for told, count in knowing.items()]
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)
