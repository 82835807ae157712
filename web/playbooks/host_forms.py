"""A device as a form has it, and back; its secrets go in and never come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.strict import Refused
from playbooks.host_rows import Kept
from playbooks.hosts import Host, Login, Way
from playbooks.model import Platform
from web.playbooks import keys

CELLS = ("site", "device", "platform", "address", "port", "user", "way", "jump", "values")
_LONGEST, _LONGEST_TEXT = 255, 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """`pinned` lines of keys that are ticked; `mark`: when the row was written that is edited."""

    cells: Mapping[str, str]
    pinned: Sequence[str] = ()
    old_algorithms: bool = False
    mark: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)


def of(kept: Kept, jump: str) -> Form:
    """What is kept, without its secrets."""
    host = kept.host
    told = {name: str(getattr(host, name)) for name in ("site", "device", "address", "port")}
    told |= {"platform": host.platform.value, "user": host.login.user, "way": host.way.value}
    lines = "\n".join(f"{name}={text}" for name, text in host.values.items())
    told |= {"jump": jump, "values": lines}
    return Form(told, host.host_keys, host.old_algorithms, repr(kept.set_at))


def given(fields: Mapping[str, str], pinned: Sequence[str]) -> Form:
    """What somebody sent."""
    cells = {
        name: fields.get(name, "").strip()[: _LONGEST_TEXT if name == "values" else _LONGEST]
        for name in CELLS
    }
    more = fields.get("more_keys", "")[:_LONGEST_TEXT].splitlines()
    told = [*pinned, *(line.strip() for line in more if line.strip())]
    return Form(cells, told, bool(fields.get("old_algorithms")), fields.get("mark", "")[:40])


def host(form: Form, password: str, key: str, before: Host | None, jump: str) -> Host:
    """The device; Refused names the field. A login that is not entered again stays as it is, but
    goes nowhere else than where it was meant to go: `before`, through the machine `jump`."""
    cells = form.cells
    if cells["platform"] not in set(Platform):
        raise Refused("platform", "choose one of the list")
    if cells["way"] not in set(Way):
        raise Refused("way", "choose one of the list")
    made = Host(
        cells["site"],
        cells["device"],
        Platform(cells["platform"]),
        cells["address"],
        _port(cells["port"]),
        Login(cells["user"], password, key.replace("\r\n", "\n")),
        tuple(one.line for one in keys.keys(form.pinned)),
        Way(cells["way"]),
        old_algorithms=form.old_algorithms,
        values=_values(cells["values"]),
    )
    if password or key:
        return made
    if before is None:
        raise Refused("password", "a password or a private key is needed")
    if _where(made) != _where(before) or cells["jump"] != jump:
        raise Refused("password", "the way to it or the user changed: enter its login again")
    return replace(made, login=before.login)


def _where(one: Host) -> tuple[object, ...]:
    return (one.address, one.port, one.login.user, one.way)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise Refused("port", f"expected a whole number, got {text[:20]!r}")
    return int(text)


def _values(text: str) -> dict[str, str]:
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals:
            raise Refused("values", f"expected NAME=VALUE, got {line[:60]!r}")
        found[name.strip()] = value.strip()
    return found
