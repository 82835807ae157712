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
    "known": lazy_gettext("page content"),
    "other": lazy_gettext("other check"),
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


def kind(name: str) -> str:
    """`halaman web` for http."""
    return str(_KIND.get(name, name))


def ways(person: Contact) -> list[str]:
    """The ways to reach somebody, by their names."""
    return [title for key, title in _WAYS.items() if getattr(person, key)]


def shape(name: str) -> str:
    """The shape and colour class that stands for a state or verdict."""
    return SHAPES.get(name, name)
