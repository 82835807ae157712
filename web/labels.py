"""The words people read for states, verdicts, causes and roles."""

from typing import Any

from collector.inventory import Contact
from web.tongue import lazy_gettext

# worst first: the order of every list
STATES = ("down", "slow", "unknown", "maintenance", "normal")
SHAPES = {"maintenance": "maint", "good": "normal", "bad": "down"}

_STATE: dict[str, Any] = {
    "down": lazy_gettext("Down"),
    "slow": lazy_gettext("Slow"),
    "unknown": lazy_gettext("Unknown"),
    "maintenance": lazy_gettext("Maintenance"),
    "normal": lazy_gettext("Normal"),
}
_VERDICT: dict[str, Any] = {
    "good": lazy_gettext("Normal"),
    "bad": lazy_gettext("Fault"),
    "unknown": lazy_gettext("Unknown"),
}
_CAUSE: dict[str, Any] = {
    "power": lazy_gettext("power outage"),
    "fiber": lazy_gettext("fiber cut"),
    "isp": lazy_gettext("fault at the ISP"),
    "suspended": lazy_gettext("suspended by the ISP"),
    "backbone": lazy_gettext("backbone fault"),
    "device": lazy_gettext("device fault"),
    "dns": lazy_gettext("DNS fault"),
    "wifi": lazy_gettext("wifi fault"),
    "app": lazy_gettext("application fault"),
    "server": lazy_gettext("server fault"),
    "clock": lazy_gettext("wrong clock"),
    "theft": lazy_gettext("device missing"),
    "maintenance": lazy_gettext("maintenance"),
    "unknown": lazy_gettext("cause not known yet"),
}
# as filters list them
CAUSES = tuple(_CAUSE)
_ROLE: dict[str, Any] = {
    "viewer": lazy_gettext("viewer"),
    "village": lazy_gettext("village IT"),
    "technician": lazy_gettext("technician"),
    "noc": lazy_gettext("control room (NOC)"),
    "admin": lazy_gettext("administrator"),
    "district": lazy_gettext("district"),
    "isp": lazy_gettext("ISP"),
    "agency": lazy_gettext("agency"),
}
_KIND: dict[str, Any] = {
    "ping": lazy_gettext("ping"),
    "dns": lazy_gettext("DNS"),
    "tcp": lazy_gettext("TCP port"),
    "http": lazy_gettext("web page"),
    "service": lazy_gettext("program"),
    "web": lazy_gettext("web site"),
    "defaced": lazy_gettext("contents of a site"),
    "opensid": "OpenSID",
    "sideka": "SIDEKA",
    "nextcloud": "Nextcloud",
    "webdav": "WebDAV",
    "tls": lazy_gettext("certificate"),
    "smtp": lazy_gettext("mail server"),
    "imap": lazy_gettext("mailboxes"),
    "mail_domain": lazy_gettext("DNS for mail"),
    "domain": lazy_gettext("domain"),
    "mysql": lazy_gettext("database"),
    "postgres": lazy_gettext("database"),
    "docker": lazy_gettext("container"),
    "backup_age": lazy_gettext("backup"),
    "journey": lazy_gettext("way into the hotspot"),
    "wifi": lazy_gettext("access points of the machine"),
    "snmp": lazy_gettext("device by SNMP"),
    "routeros": lazy_gettext("MikroTik router"),
    "power": lazy_gettext("power and UPS"),
    "known": lazy_gettext("page content"),
    "link": lazy_gettext("cables and interfaces"),
    "host": lazy_gettext("machine of the agent"),
    "capacity": lazy_gettext("speed of the line"),
    "other": lazy_gettext("other check"),
}
# what is held of a person, by table
_HELD = {
    "users": lazy_gettext("account"),
    "signins": lazy_gettext("sessions"),
    "signin_links": lazy_gettext("sign-in links"),
    "second_steps": lazy_gettext("second step"),
    "recovery_codes": lazy_gettext("recovery codes"),
    "api_tokens": lazy_gettext("tokens"),
    "saved_views": lazy_gettext("saved views"),
    "contacts": lazy_gettext("contacts"),
    "duty": lazy_gettext("shifts of duty"),
    "trials": lazy_gettext("trial messages"),
    "followers": lazy_gettext("places whose news they follow"),
    "quiet_hours": lazy_gettext("quiet hours"),
    "notices": lazy_gettext("messages sent to them"),
    "incident_log": lazy_gettext("answers and notes in incidents"),
    "incidents": lazy_gettext("incidents taken or given"),
    "photos": lazy_gettext("photos"),
    "notes": lazy_gettext("notes about sites"),
    "note_texts": lazy_gettext("texts of notes"),
    "mutes": lazy_gettext("mutes"),
    "windows": lazy_gettext("planned work"),
    "walls": lazy_gettext("wall screens"),
    "webhooks": lazy_gettext("webhooks"),
    "passwords": lazy_gettext("passwords of checks that they set"),
    "imports": lazy_gettext("imports"),
    "erasures": lazy_gettext("erasures by them"),
    "exemptions": lazy_gettext("exemptions that they declared"),
    "acts": lazy_gettext("acts by and about them"),
}
_SCOPE: dict[str, Any] = {
    "desa": lazy_gettext("in the villages"),
    "kabupaten": lazy_gettext("central, of the regency"),
    "pusat": lazy_gettext("central, national"),
}
_PROFILE: dict[str, Any] = {
    "fiber": lazy_gettext("fiber: looks often"),
    "4g": lazy_gettext("4G: looks less often"),
    "hemat": lazy_gettext("saves data: looks seldom"),
}
_LIFECYCLE: dict[str, Any] = {
    "active": lazy_gettext("active"),
    "planned": lazy_gettext("planned"),
    "retired": lazy_gettext("retired"),
    "centre": lazy_gettext("a centre below"),
    "all": lazy_gettext("all"),
}
_SILENT: dict[str, Any] = {
    "1h": lazy_gettext("silent for over an hour"),
    "1d": lazy_gettext("silent for over a day"),
    "7d": lazy_gettext("silent for over a week"),
    "never": lazy_gettext("never reported"),
}
_ORDER: dict[str, Any] = {
    "worst": lazy_gettext("Worst first"),
    "name": lazy_gettext("By name"),
    "area": lazy_gettext("By area"),
    "isp": lazy_gettext("By ISP"),
    "since": lazy_gettext("Longest in its state"),
    "report": lazy_gettext("Longest not heard of"),
    "bad": lazy_gettext("Most faulty checks"),
}
_WAYS = {"whatsapp": "WhatsApp", "telegram": "Telegram", "sms": "SMS", "email": "e-mail"}


def state(name: str) -> str:
    """`Putus` for down."""
    return str(_STATE.get(name, name))


def verdict(name: str) -> str:
    """`Gangguan` for bad."""
    return str(_VERDICT.get(name, name))


def cause(name: str) -> str:
    """`listrik padam` for power; empty when there is none."""
    return str(_CAUSE.get(name, name)) if name else ""


def role(name: str) -> str:
    """`petugas TI desa` for village."""
    return str(_ROLE.get(name, name))


def held(name: str) -> str:
    """`sesi` for the signins of a person."""
    return str(_HELD.get(name, name))


def lifecycle(name: str) -> str:
    """`aktif` for active."""
    return str(_LIFECYCLE.get(name, name))


def order(name: str) -> str:
    """`Terparah dahulu` for worst."""
    return str(_ORDER.get(name, name))


def silent(name: str) -> str:
    """`belum lapor lebih dari sejam` for 1h."""
    return str(_SILENT.get(name, name))


def kind(name: str) -> str:
    """`halaman web` for http."""
    return str(_KIND.get(name, name))


def kind_named(name: str) -> str:
    """`halaman web (http)`: where it is chosen by its name in files as well."""
    said = kind(name)
    return said if said.lower() == name else f"{said} ({name})"


def scope(name: str) -> str:
    """`di desa` for desa."""
    return str(_SCOPE.get(name, name))


def profile(name: str) -> str:
    """`hemat data: jarang memeriksa` for hemat."""
    return str(_PROFILE.get(name, name))


def ways(person: Contact) -> list[str]:
    """The ways to reach somebody, by their names."""
    return [title for key, title in _WAYS.items() if getattr(person, key)]


def shape(name: str) -> str:
    """The shape and colour class that stands for a state or verdict."""
    return SHAPES.get(name, name)
