"""The further columns that a service of each kind may have, and how each is read."""

from collections.abc import Mapping

from collector.inventory import cells, targets
from collector.inventory.binding import named
from collector.inventory.cells import Cell

# of one list; what an agent takes
_MOST_TEXTS, _TEXTS_CHARACTERS = 100, 4000


def _texts(text: str) -> list[str]:
    found = cells.several(text).split("|")
    if len(found) > _MOST_TEXTS or sum(map(len, found)) > _TEXTS_CHARACTERS:
        raise ValueError(f"must be {_MOST_TEXTS} texts or fewer, {_TEXTS_CHARACTERS} characters")
    return found


def _statuses(text: str) -> list[int]:
    return [cells.whole(100, 599)(part) for part in _texts(text)]


def _yes_no(text: str) -> bool:
    return bool(cells.choice("true", "false")(text) == "true")


_COMMON: Mapping[str, Cell] = {"every_s": cells.number(1, 86400), "uplink": cells.name}
_PAGE: Mapping[str, Cell] = {
    **_COMMON,
    "address": targets.host,
    "verify_certificate": _yes_no,
    "timeout_s": cells.number(0.1, 60),
}
_SERVER: Mapping[str, Cell] = {**_PAGE, "timeout_s": cells.number(0.1, 30)}
WORDS: Mapping[str, Cell] = {"words": _texts, "allowed": _texts, "gambling": _yes_no}
_HTTP: Mapping[str, Cell] = {
    **_PAGE,
    "status": _statuses,
    "must_match": _texts,
    "must_not_match": _texts,
    "follow_redirects": _yes_no,
    "must_not_redirect_to": _texts,
    "final_url": targets.page,
}
_DATABASE: Mapping[str, Cell] = {
    **_COMMON,
    "user": targets.account,
    "timeout_s": cells.number(0.1, 30),
}
_DEVICE: Mapping[str, Cell] = {
    **_COMMON,
    "device": cells.name,
    "interfaces": _texts,
    "timeout_s": cells.number(0.1, 30),
}
SETTINGS: Mapping[str, Mapping[str, Cell]] = {
    "http": _HTTP,
    "tcp": {**_COMMON, "banner": targets.short(200), "timeout_s": cells.number(0.1, 30)},
    "dns": {
        **_COMMON,
        "server": targets.address,
        "port": cells.whole(1, 65535),
        "type": targets.of_address,
        "expect": targets.address,
        "timeout_s": cells.number(0.1, 10),
        "tries": cells.whole(1, 5),
    },
    "ping": {
        **_COMMON,
        "count": cells.whole(1, 20),
        "wait_s": cells.whole(1, 10),
        "interval_s": cells.number(0.2, 5),
    },
    "service": {**_COMMON, "manager": cells.choice("auto", "systemd", "procd")},
    "web": {**_HTTP, **WORDS},
    "defaced": {**_PAGE, **WORDS},
    "opensid": {**_PAGE, **WORDS},
    "sideka": {**_PAGE, "login": _yes_no, "must_match": _texts},
    "nextcloud": {**_PAGE, "login": _yes_no},
    "webdav": {**_PAGE, "login": _yes_no},
    "tls": _SERVER,
    "smtp": {
        **_SERVER,
        "tls": cells.choice("tls", "starttls", "auto", "none"),
        "hello": targets.host,
    },
    "imap": {**_SERVER, "tls": cells.choice("tls", "starttls", "none"), "login": _yes_no},
    "mail_domain": {
        **_COMMON,
        "mx": targets.host,
        "spf": _yes_no,
        "dmarc": _yes_no,
        "server": targets.address,
        "port": cells.whole(1, 65535),
        "timeout_s": cells.number(0.1, 5),
    },
    "domain": {
        **_COMMON,
        "rdap": targets.page,
        "whois": targets.server,
        "timeout_s": cells.number(0.1, 15),
    },
    "mysql": _DATABASE,
    "postgres": {**_DATABASE, "database": targets.account},
    "docker": {**_COMMON, "socket": targets.path, "timeout_s": cells.number(0.1, 30)},
    "journey": {
        **_COMMON,
        "interface": targets.interface,
        "login": _yes_no,
        "exempt": _yes_no,
        "url": targets.page,
        "expect": cells.plain,
        "dhcp": _yes_no,
        "identity": targets.identity,
        "server": targets.address,
        "form": _yes_no,
        "must_match": _texts,
        "fields": targets.fields,
        "login_host": targets.host,
        "logout": targets.page,
        "verify_certificate": _yes_no,
        "timeout_s": cells.number(5, 60),
    },
    "wifi": {**_COMMON, "leases": targets.path, "config": targets.path},
    "snmp": {
        **_DEVICE,
        "community": targets.short(255),
        "community_secret": named,
        "version": cells.whole(1, 2),
        "v3": targets.user,
        "auth": cells.choice("md5", "sha", "sha224", "sha256", "sha384", "sha512"),
        "auth_secret": named,
        "priv": cells.choice("des", "aes", "aes192", "aes256"),
        "priv_secret": named,
        "context": targets.short(32),
        "profile": cells.choice("auto", *targets.PROFILES),
        "walk_every_s": cells.number(1, 86400),
        "within_s": cells.number(1, 300),
    },
    "routeros": {
        **_DEVICE,
        "fingerprint": targets.fingerprint,
        "within_s": cells.number(1, 60),
    },
    "power": {
        **_COMMON,
        "via": cells.choice("nut", "apcupsd"),
        "ups": targets.ups,
        "timeout_s": cells.number(0.1, 30),
    },
    "backup_age": {
        **_COMMON,
        "files": targets.pattern,
        "max_age_h": cells.number(0.01, 9600),
        "min_bytes": cells.whole(0, 1 << 50),
    },
}
# further columns of services
FURTHER = tuple(dict.fromkeys(name for known in SETTINGS.values() for name in known))
