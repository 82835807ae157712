"""What the settings of checks are called on forms, what they mean, what they may be chosen from."""

from collections.abc import Mapping, Sequence

from collector.inventory import targets
from collector.inventory.cells import Cell
from collector.inventory.check_settings import SETTINGS
from web.setting_names import OF_KIND, TARGETS, WORDS
from web.tongue import Later, gettext, lazy_gettext

YES_NO = ("true", "false")
# settings that are one word of a few; a kind has those of them that it takes
_FEW: Mapping[str, Sequence[str]] = {
    "type": ("A", "AAAA"),
    "manager": ("auto", "systemd", "procd"),
    "tls": ("tls", "starttls", "auto", "none"),
    "auth": ("md5", "sha", "sha224", "sha256", "sha384", "sha512"),
    "priv": ("des", "aes", "aes192", "aes256"),
    "profile": ("auto", *targets.PROFILES),
    "via": ("nut", "apcupsd"),
}

# what the column `target` becomes for an agent
_AIMS = ("url", "host", "query", "domain", "container", "path", "unit", "process", "portal", "ap")
# of the checks that every agent has
_TOLD: Mapping[str, Later] = {
    "port": lazy_gettext("port"),
    "uplink": lazy_gettext("Line it speaks for"),
    "line": lazy_gettext("Line it speaks for"),
    "every_s": lazy_gettext("Looks every"),
    "interfaces": lazy_gettext("Only these interfaces"),
    "contract_mbps": lazy_gettext("Mbps of the contract"),
    "hours": lazy_gettext("Quiet hours"),
    "metered": lazy_gettext("Line is paid by the byte"),
    "max_bytes": lazy_gettext("Most bytes of one measurement"),
    "upload_bytes": lazy_gettext("Bytes sent to measure"),
    "utc_offset_s": lazy_gettext("Seconds ahead of UTC"),
    "spread": lazy_gettext("Place in the night"),
    "centre": lazy_gettext("Mark of the centre"),
    "fenced": lazy_gettext("Kept out of inner networks"),
}


def title(kind: str, name: str) -> str:
    """What a setting of a kind of check is called; KeyError when nobody gave it a name."""
    return str(_told(kind, name)[0])


def hint(kind: str, name: str) -> str:
    """What it means, in which unit, and what holds where it is left empty."""
    return str(_told(kind, name)[1])


def target(kind: str) -> str:
    """What is written as the target of a kind of check; "" for a kind that nobody knows."""
    return str(TARGETS.get(kind, ""))


def choices(kind: str, name: str) -> Sequence[str]:
    """The words among which to choose; none where anything may be written."""
    read = SETTINGS[kind][name]
    if name in _FEW:
        return [word for word in _FEW[name] if _read(read, word) == word]
    return YES_NO if _read(read, YES_NO[0]) is True else ()


def word(text: str) -> str:
    """`ya` for true; what devices and programs call themselves stays."""
    return {"true": gettext("yes"), "false": gettext("no")}.get(text.lower(), text)


def shown(kind: str, name: str) -> str:
    """What a setting is called that an agent was given, of any kind of check."""
    if name in SETTINGS.get(kind, {}):
        return title(kind, name)
    return gettext("Target") if name in _AIMS else str(_TOLD.get(name, name))


def _told(kind: str, name: str) -> tuple[Later, Later]:
    return OF_KIND.get((kind, name)) or WORDS[name]


def _read(read: Cell, text: str) -> object:
    try:
        return read(text)
    except ValueError:
        return None
