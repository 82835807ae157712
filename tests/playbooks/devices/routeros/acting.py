"""What commands of menus do to the configuration, and what they print; errors as RouterOS's."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.playbooks.devices.routeros import upgrading
from tests.playbooks.devices.routeros.scanning import Fault
from tests.playbooks.devices.routeros.values import Id, Value, listed, plain, shown, true

if TYPE_CHECKING:
    from tests.playbooks.devices.routeros.box import Box
    from tests.playbooks.devices.routeros.running import Run

Path = tuple[str, ...]
Item = dict[str, Value]
_SECRET = {
    "password",
    "secret",
    "private-key",
    "passphrase",
    "wpa2-pre-shared-key",
    "wpa-pre-shared-key",
}
_SCHEDULER = ("system", "scheduler")
# what is kept beside the parameters
_INNER = {"next", "start"}


def command(
    box: "Box", run: "Run", path: Path, word: str, given: list[Value], options: Item,
    chosen: list[int] | None,
) -> Value:  # fmt: skip
    """One command; the value is what `[...]` around it gives."""
    special = _SPECIAL.get(("/".join(path), word))
    if special is not None:
        return special(box, run, path, given, options)
    if path in box.singles and word in _VALUES:
        return _VALUES[word](box, run, path, given, options)
    if word == "find":
        return [Id(number) for number in chosen or ()]
    if word == "print" and chosen is not None:
        return _print(box, run, path, given, chosen)
    if path in box.items and word in _ITEMS:
        if word in _CHANGES:
            box.note("system,info", f"/{' '.join(path)} {word} by admin")
        return _ITEMS[word](box, run, path, given, options)
    box.acts.append(("/".join(path), word, given, options))
    box.note("system,info", f"/{' '.join(path)} {word} by admin")
    hook = box.hooks.get(("/".join(path), word))
    if hook is not None:
        run.out(hook(given, options))
    return None


def numbers(box: "Box", path: Path, which: Value) -> list[int]:
    """The items that are meant: ids, names, or several of them; `no such item` for one unknown."""
    found: list[int] = []
    for each in listed(which):
        words = each.split(",") if isinstance(each, str) and "," in each else [each]
        found += [_number(box, path, word) for word in words]
    return found


def _number(box: "Box", path: Path, which: Value) -> int:
    if isinstance(which, str) and which.startswith("*"):
        which = plain(which)
    if isinstance(which, Id):
        if which.number in box.items[path]:
            return which.number
        raise Fault("no such item")
    key = box.menus.named_by(path)
    for number, item in box.items[path].items():
        if key and shown(item.get(key)) == shown(which):
            return number
    raise Fault("no such item")


def _meant(given: list[Value], options: Item) -> Value:
    if "numbers" in options:
        return options.pop("numbers")
    if not given or given[0] is None:
        raise Fault("missing value(s) of argument(s) numbers")
    return given[0]


def _add(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    if path == _SCHEDULER and "scheduler" in box.barred:
        raise Fault("failure: not allowed by device-mode")
    if "policy" in options and "policy" in box.barred:
        raise Fault("failure: not enough permissions (9)")
    key = box.menus.named_by(path)
    if key and not options.get(key) and path not in (("ip", "route"),):
        if key != "name":
            raise Fault(f"failure: missing {key}")
        options[key] = f"{path[-1]}{len(box.items[path]) + 1}"
    _alone(box, path, options, None)
    options.pop("place-before", None)
    id_ = box.add(path, options)
    if path == _SCHEDULER:
        options.setdefault("interval", plain("0s"))
        box.plan(options)
    return id_


def _alone(box: "Box", path: Path, options: Item, own: int | None) -> None:
    key = box.menus.named_by(path)
    if key not in options or key in ("host", "list"):
        return
    for number, item in box.items[path].items():
        if number != own and shown(item.get(key)) == shown(options[key]):
            raise Fault(f"failure: already have {path[-1]} with such {key}")


def _set(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    for number in numbers(box, path, _meant(given, options)):
        _alone(box, path, options, number)
        item = box.items[path][number]
        item.update(options)
        if path == _SCHEDULER and options.keys() & {"interval", "start-time"}:
            item.pop("start", None)
            box.plan(item)
    return None


def _remove(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    for number in numbers(box, path, _meant(given, options)):
        if path == ("system", "script", "job"):
            box.kill(number)
        box.items[path].pop(number, None)
    return None


def _switched(disabled: bool) -> Callable[..., Value]:
    def switch(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
        for number in numbers(box, path, _meant(given, options)):
            box.items[path][number]["disabled"] = disabled
        return None

    return switch


def _comment(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    return _set(box, run, path, given, {"comment": options.get("comment", given[-1])})


def _get(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    which = options.get("number", given[0] if given else None)
    if which is None or which == []:
        raise Fault("no such item")
    found = numbers(box, path, which)
    if len(found) != 1:
        raise Fault("invalid internal item number")
    return _of(box, path, box.seen(path, found[0]), options.get("value-name", (given + [None])[1]))


def _get_value(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    return _of(box, path, box.single(path), options.get("value-name", given[0] if given else None))


def _of(box: "Box", path: Path, item: Item, name: Value) -> Value:
    if name is None:
        return {key: value for key, value in item.items() if key not in _INNER}
    known = {word.rstrip("*") for word in box.menus.table[path]} | item.keys() | {"disabled"}
    if shown(name) not in known:
        raise Fault("input does not match any value of value-name")
    return item.get(shown(name))


def _set_values(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    box.singles[path].update(options)
    return None


def _print(box: "Box", run: "Run", path: Path, given: list[Value], chosen: list[int]) -> Value:
    if "count-only" in given:
        run.out(f"{len(chosen)}\n")
        return len(chosen)
    found = [
        {".id": Id(number), **_of(box, path, box.seen(path, number), None)} for number in chosen
    ]
    if "as-value" in given:
        return found
    run.out("Flags: X - disabled, I - invalid, D - dynamic \n")
    for at, item in enumerate(found):
        flag = "X" if true(item.get("disabled")) else "D" if true(item.get("dynamic")) else " "
        words = " ".join(
            f"{key}={_quoted(value)}" for key, value in item.items() if key not in _FLAGS
        )
        run.out(f"{at:>2} {flag}  {words} \n")
    return None


_FLAGS = {".id", "disabled", "dynamic"}


def _print_values(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    found: Item = _of(box, path, box.single(path), None)
    if "as-value" in given:
        return found
    for key, value in found.items():
        run.out(f"{key:>24}: {_yes(value)}\n")
    return None


def _yes(value: Value) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else shown(value)


def _quoted(value: Value) -> str:
    text = _yes(value)
    if not re.fullmatch(r"[A-Za-z0-9._:/,*-]+", text):
        text = (
            text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
        )
        return f'"{text}"'
    return text


def _export(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    """The configuration beneath a path as commands; secrets stay out as they do since version 7."""
    run.out(f"# {box.date():%Y-%m-%d %H:%M:%S} by RouterOS {box.version}\n")
    for menu in box.menus.table:
        if menu[: len(path)] != path or menu == ("system", "script", "job"):
            continue
        head = "/" + " ".join(menu)
        if menu in box.singles and box.singles[menu]:
            run.out(f"{head}\nset {_words(box, menu, box.singles[menu])}\n")
        elif rows := [it for it in box.items.get(menu, {}).values() if not true(it.get("dynamic"))]:
            run.out(f"{head}\n" + "".join(f"add {_words(box, menu, item)}\n" for item in rows))
    return None


def _words(box: "Box", path: Path, item: Item) -> str:
    names = [name for name in box.menus.settable(path) if name in item and name not in _SECRET]
    return " ".join(f"{name}={_quoted(item[name])}" for name in names)


def _reboot(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    box.acts.append(("system", "reboot", given, options))
    box.restarting = True
    return None


def _clock(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    time = plain(options.pop("time", None))
    if time is not None:
        box.set_clock(box.wall - box.wall % 86400 + time.s)
    options.pop("date", None)
    return _set_values(box, run, path, given, options)


def _flush(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    box.items["ip", "dns", "cache"].clear()
    box.acts.append(("ip/dns/cache", "flush", given, options))
    return None


def _log(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    for topics, message in box.log:
        run.out(f"{box.date():%b/%d %H:%M:%S} {topics} {message}\n".lower())
    return None


def _ping(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    address = shown(options.get("address", given[0] if given else None))
    count = int(options.get("count", 4))
    replies = count if box.hooks.get(("ping", address)) is None else 0
    for at in range(replies):
        run.out(f"{at:>5} {address:<40} 56  64 4ms\n")
    loss = 100 - 100 * replies // max(count, 1)
    run.out(f"    sent={count} received={replies} packet-loss={loss}%")
    run.out(" min-rtt=3ms avg-rtt=4ms max-rtt=6ms\n" if replies else "\n")
    return replies


def _poe(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    which = options.get("numbers", given[0] if given else None)
    for number in numbers(box, path, which):
        item = box.seen(path, number)
        run.out(f"            name: {shown(item['name'])}\n")
        run.out(f"  poe-out-status: {shown(item['poe-out-status'])}\n")
    return None


Act = Callable[["Box", "Run", Path, list[Value], Item], Value]
_ITEMS: dict[str, Act] = {
    "add": _add, "set": _set, "remove": _remove, "get": _get, "comment": _comment,
    "enable": _switched(False), "disable": _switched(True), "export": _export,
}  # fmt: skip
_VALUES: dict[str, Act] = {
    "get": _get_value, "set": _set_values, "print": _print_values, "export": _export,
}  # fmt: skip
_CHANGES = {"add", "set", "remove", "enable", "disable"}
_SPECIAL: dict[tuple[str, str], Act] = {
    ("", "export"): _export, ("", "ping"): _ping, ("system", "reboot"): _reboot,
    ("system/clock", "set"): _clock, ("ip/dns/cache", "flush"): _flush, ("log", "print"): _log,
    ("interface/ethernet/poe", "monitor"): _poe,
    ("system/package/update", "check-for-updates"): upgrading.check,
    ("system/package/update", "download"): upgrading.download,
}  # fmt: skip
