"""A newer version of RouterOS: looked for, downloaded as a file, installed by the next restart."""

from typing import TYPE_CHECKING

from tests.playbooks.devices.routeros.values import Value, shown

if TYPE_CHECKING:
    from tests.playbooks.devices.routeros.box import Box
    from tests.playbooks.devices.routeros.running import Run

Path = tuple[str, ...]
Item = dict[str, Value]
_UPDATE, _FILES = ("system", "package", "update"), ("file",)


def check(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    newer = box.offered != box.version
    box.singles[_UPDATE]["latest-version"] = box.offered
    told = "New version is available" if newer else "System is already up to date"
    box.singles[_UPDATE]["status"] = told
    run.out(f"  status: {told}\n")
    return None


def download(box: "Box", run: "Run", path: Path, given: list[Value], options: Item) -> Value:
    box.add(_FILES, {"name": f"routeros-{box.offered}.npk", "type": "package"})
    run.out("  status: Downloaded, please reboot router to upgrade it\n")
    return None


def started(box: "Box") -> None:
    """A package that lies there when it starts is installed, and gone."""
    for number, item in list(box.items[_FILES].items()):
        if shown(item.get("name")).endswith(".npk"):
            box.version = box.offered
            del box.items[_FILES][number]
