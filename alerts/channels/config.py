"""The table of all channels, and `[channels.NAME]` of ronda.toml or DATA/channels.toml read by it.

Refused whole, with the place; a secret is never part of what is said.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from agent.strict import Refused, build
from alerts.channels import Channel
from alerts.channels.cloud import Cloud
from alerts.channels.email import Email
from alerts.channels.http import Web
from alerts.channels.kept import FILE as KEPT
from alerts.channels.kept import Kept
from alerts.channels.other import Other
from alerts.channels.shield import Shield, secrets_of
from alerts.channels.sms import Gammu, SmsGateway
from alerts.channels.telegram import Telegram
from alerts.channels.webhook import Webhook
from alerts.channels.whatsapp import Fonnte, Gowa, Waha
from alerts.limits import Limits
from collector.reach import parse
from collector.settings import Settings

FILE = "channels.toml"
# the columns of a contact that a channel can serve, in the order a person's ways are tried
COLUMNS = ("whatsapp", "telegram", "sms", "email", "webhook")
PHONE = "phone"
# by which webhooks of incidents hear: rows of the database, not of a file
WEBHOOKS = "webhooks"
# by which those hear who asked for it on a public page: rows, too
FOLLOWERS = "followers"
_RESERVED = (PHONE, WEBHOOKS, FOLLOWERS)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel: its class, the column it serves, what its provider bears."""

    made: type[Any]
    serves: str
    limits: Limits


KINDS: Mapping[str, Kind] = {
    # core.telegram.org/bots/faq: 1/s to a chat, 20/min to a group, 30/s in all
    "telegram": Kind(Telegram, "telegram", Limits(25.0, 1.0, 3.0, 8, 5000)),
    # a phone that writes faster than a person is what WhatsApp bans
    "fonnte": Kind(Fonnte, "whatsapp", Limits(0.5, 3.0, 3.0, 4, 500)),
    "waha": Kind(Waha, "whatsapp", Limits(0.5, 3.0, 3.0, 4, 500)),
    "gowa": Kind(Gowa, "whatsapp", Limits(0.5, 3.0, 3.0, 4, 500)),
    # Meta: 80 messages/s, one in 6 s to the same person
    "cloud": Kind(Cloud, "whatsapp", Limits(20.0, 6.0, 6.0, 8, 1000)),
    "gammu": Kind(Gammu, "sms", Limits(2.0, 0.0, 0.0, 2, 300)),
    "sms": Kind(SmsGateway, "sms", Limits(5.0, 1.0, 1.0, 4, 300)),
    "email": Kind(Email, "email", Limits(2.0, 0.0, 0.0, 4, 2000)),
    "webhook": Kind(Webhook, "webhook", Limits(at_once=16, shared=False)),
    "apprise": Kind(Other, "", Limits(1.0, 1.0, 1.0, 4, 500)),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A channel that is in use: whom it serves, and how fast."""

    name: str
    kind: str
    serves: str
    channel: Channel
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class _Common:
    """Keys that every channel has; what is not given is as its kind has it."""

    kind: str
    serves: str
    per_s: float
    target_every_s: float
    at_once: int
    daily_cap: int

    def check(self) -> None:
        if self.serves not in COLUMNS:
            raise Refused("serves", f"expected one of {', '.join(COLUMNS)}, got {self.serves!r}")
        for name in ("per_s", "target_every_s", "daily_cap"):
            if getattr(self, name) < 0:
                raise Refused(name, "must be 0 (no limit) or more")
        if not 1 <= self.at_once <= 64:
            raise Refused("at_once", "must be 1 to 64")


def served(lines: Iterable[Line]) -> list[tuple[str, str]]:
    """Each channel and the column of a contact that it serves, as `alerts.people` asks for them."""
    return [(line.name, line.serves) for line in lines]


def load(settings: Settings) -> list[Line]:
    """All channels in the order a person's ways are tried; webhooks need no table.

    A demo has none but a file, whatever else is written anywhere.
    """
    if settings.demo:
        file = Kept(settings.folder / KEPT)
        return [Line("kept", "kept", "whatsapp", file, Limits(at_once=1, shared=False))]
    web = Web(parse(settings.allow_targets))
    found: dict[str, Line] = {}
    for path in _files(settings):
        for line in _lines(path, web):
            if line.name in found:
                raise Refused(f"{path}: channels.{line.name}", "stands in another file already")
            found[line.name] = line
    if not any(line.serves == "webhook" for line in found.values()):
        made = Webhook(web=web)
        found["webhook"] = Line("webhook", "webhook", "webhook", made, KINDS["webhook"].limits)
    return sorted(found.values(), key=lambda line: COLUMNS.index(line.serves))


def plain(channels: Mapping[str, Channel]) -> list[Line]:
    """Channels without limits, each serving the column of its name."""
    limits = Limits(at_once=16, shared=False)
    return [Line(name, name, name, channel, limits) for name, channel in channels.items()]


def behind(line: Line) -> Any:
    """The channel itself, without its shield: for what is not shown to anybody."""
    return line.channel.channel if isinstance(line.channel, Shield) else line.channel


def hears(line: Line) -> bool:
    """Whether what people answer by this channel reaches us."""
    return bool(getattr(behind(line), "replies", False))


def _files(settings: Settings) -> Iterator[Path]:
    own = settings.folder / FILE
    if settings.channels_file:
        yield Path(settings.channels_file)
    if own.exists() and (not settings.channels_file or not own.samefile(settings.channels_file)):
        yield own


def _lines(path: Path, web: Web) -> Iterator[Line]:
    try:
        tables = tomllib.loads(path.read_text()).get("channels", {})
    except (OSError, ValueError) as error:
        raise Refused(str(path), str(error)) from error
    if not isinstance(tables, dict):
        raise Refused(f"{path}: channels", "expected tables: [channels.NAME]")
    for name, keys in tables.items():
        yield _line(name, keys, web, f"{path}: channels.{name}")


def _line(name: str, given: object, web: Web, place: str) -> Line:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        reserved = ", ".join(_RESERVED)
        raise Refused(place, f"a name is small letters, digits, - and _, not {reserved}")
    if not isinstance(given, dict):
        raise Refused(place, "expected a table: [channels.NAME]")
    kind = given.get("kind", name)
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refused(f"{place}.kind", f"expected one of {', '.join(KINDS)}")
    of_all = {f.name for f in fields(_Common)}
    common = _common(kind, {key: v for key, v in given.items() if key in of_all}, place)
    made = _build(KINDS[kind].made, {k: v for k, v in given.items() if k not in of_all}, place)
    if any(f.name == "web" for f in fields(made)):
        made = replace(made, web=web)
    limits = replace(
        KINDS[kind].limits,
        per_s=common.per_s,
        target_every_s=common.target_every_s,
        at_once=common.at_once,
        daily_cap=common.daily_cap,
    )
    return Line(name, kind, common.serves, Shield(made, secrets_of(made)), limits)


def _common(kind: str, given: Mapping[str, Any], place: str) -> _Common:
    usual = KINDS[kind].limits
    defaults = {
        "kind": kind,
        "serves": KINDS[kind].serves,
        "per_s": usual.per_s,
        "target_every_s": usual.target_every_s,
        "at_once": usual.at_once,
        "daily_cap": usual.daily_cap,
    }
    return build(_Common, {**defaults, **given}, place)


def _build(kind: type[Any], given: Mapping[str, Any], place: str) -> Any:
    keys = {f.name: f for f in fields(kind) if f.name in keys_of(kind)}
    for key, value in given.items():
        if key not in keys:
            known = ", ".join([*keys, *(f.name for f in fields(_Common))])
            raise Refused(f"{place}.{key}", f"unknown key; known are {known}")
        # what is wrong is not shown where it may be a secret
        if not keys[key].repr and not _texts(value):
            raise Refused(f"{place}.{key}", "expected text")
    return build(kind, given, place)


def keys_of(kind: type[Any]) -> Sequence[str]:
    """The keys of a kind of channel besides those that every channel has."""
    inner = {"web", "clock", "program"}
    return [f.name for f in fields(kind) if f.name not in inner]


def _texts(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(one, str) for one in value.values())
    return isinstance(value, str)
