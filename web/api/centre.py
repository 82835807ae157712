"""The centre about itself, by program: what is not in order, nights, agents, channels."""

import shutil
from typing import Annotated, Any

from msgspec import Meta, Struct

from alerts import cli_channels
from collector import doctor, release, vocabularies
from collector.backup import records
from collector.db import reading
from collector.inventory import contacts_named
from web import centre_page, reasons
from web.api import params, rowkeys
from web.api.problems import No
from web.api.quiet_hours import KEY
from web.api.shapes import Listed, Time, moment, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre, now
from web.inventory.desk import may
from web.tongue import gettext


class Finding(Struct, frozen=True):
    """One thing that was looked at; `do`: what to do, empty where it is in order."""

    name: str
    says: str
    do: str


class Night(Struct, frozen=True):
    """One backup, copy or restore test; `took_s` null: it is under way."""

    what: str
    at: Time
    took_s: float | None
    bytes: int
    where: str
    error: str


class Releases(Struct, frozen=True):
    """How many agents know the same kinds of checks."""

    release: str
    kinds: int
    agents: int


class Health(Struct, frozen=True):
    """All of it as of now; `wrong`: how many findings are not in order."""

    version: str
    zone: str
    language: str
    wrong: int
    findings: tuple[Finding, ...]
    works: Annotated[tuple[Night, ...], Meta(description="the newest first")]
    agents: tuple[Releases, ...]
    disk_total_bytes: int
    disk_free_bytes: int


class Channel(Struct, frozen=True):
    """A way messages go out; `fine` null: it was not looked at yet."""

    name: str
    kind: str
    serves: str
    fine: bool | None
    says: str
    hears: bool
    deaf: str
    since: Time | None
    looked_at: Time | None
    sent_today: int
    daily_cap: int | None
    held_back_today: int


class ToAddress(Struct, forbid_unknown_fields=True):
    target: Annotated[
        str,
        Meta(min_length=1, max_length=200, pattern=r"\S", description="number, chat, address"),
    ]


class Attempt(Struct, frozen=True):
    """Whether a trial message was taken, and what was answered."""

    channel: str
    target: str
    taken: bool
    answer: str


def _health(_call: Call) -> Reply:
    settings = centre().settings
    findings = sorted(doctor.examine(settings, now()), key=lambda one: one.fine)
    with reading(centre().store) as connection:
        works, knowing = records.works(connection), vocabularies.counts(connection)
    disk = shutil.disk_usage(settings.folder)
    return Reply(
        Health(
            release.number(),
            settings.timezone,
            settings.language,
            sum(not one.fine for one in findings),
            tuple(Finding(one.name, *map(reasons.find, (one.says, one.do))) for one in findings),
            tuple(_night(one) for one in works),
            tuple(Releases(*one) for one in centre_page.releases(knowing)),
            disk.total,
            disk.free,
        )
    )


def _night(one: records.Work) -> Night:
    return Night(one.what, moment(one.at), one.took_s, one.bytes, one.where, one.error)


def _channels(call: Call) -> Reply:
    known, broken = centre_page.lines()
    if broken:
        raise No(409, broken)
    with reading(centre().store) as connection:
        found = cli_channels.as_json(connection, known, centre().settings, now())
    return Reply(sliced(call, found, lambda one: Channel(**one), lambda one: (one["name"],)))


def _try_channel(call: Call) -> Reply:
    name, target = call.path["name"], call.body.target.strip()
    line = next((one for one in centre_page.lines()[0] if one.name == name), None)
    if line is None:
        raise No(404)
    return Reply(_attempt(_free(centre_page.attempt(line, target))))


def _try_contact(call: Call) -> Reply:
    key = rowkeys.read(KEY, call.path["id"])
    with reading(centre().store) as connection:
        named = contacts_named(connection, key[1]) if key and may(key[0]) else []
    found = [one for one in named if key and one.scope == key[0]]
    if not found:
        raise No(404)
    lines = {line.name: line for line in centre_page.lines()[0]}
    settings = centre().settings
    done = _free(centre_page.one_at_a_time(lambda: cli_channels.reach(found, lines, settings)))
    if not done:
        raise No(409, "no channel reaches this person")
    centre_page.remember(found[0].name, done)
    return Reply(Listed([_attempt(one) for one in done], None))


def _free(done: Any) -> Any:
    if done is None:
        raise No(409, gettext("Another trial is under way. Try again in a minute."))
    return done


def _attempt(one: Any) -> Attempt:
    return Attempt(one["channel"], one["target"], one["taken"], one["answer"])


_ADMIN: dict[str, Any] = {"group": "centre", "roles": ("admin",), "everywhere": True}
ENDPOINTS = (
    Endpoint("GET", "/centre", "showCentre", about="Its health, as `ronda doctor` sees it, its "
             "backups, its agents, its disk", do=_health, gives=Health, **_ADMIN),
    Endpoint("GET", "/channels", "listChannels", about="Ways that messages go out, by name",
             do=_channels, gives=Listed[Channel], query=params.NAMED, conflicts=True, **_ADMIN),
    Endpoint(
        "POST", "/channels/{name}/test", "tryChannel", about="Send a trial message now",
        do=_try_channel, gives=Attempt, takes=ToAddress, conflicts=True, **_ADMIN,
    ),
    Endpoint(
        "POST", "/inventory/contacts/{id}/test", "tryContact", "inventory",
        "Send a trial message by each of a person's ways now", _try_contact,
        gives=Listed[Attempt], roles=EDITORS, conflicts=True,
    ),
)  # fmt: skip
