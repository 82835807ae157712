"""A stand-in for RouterOS: a new box each time, compared menu by menu."""

from playbooks.hosts import Host, Login
from playbooks.model import Platform
from tests.playbooks.devices.routeros.box import JOB, SCHEDULER, SCRIPT, Box
from tests.playbooks.devices.routeros.console import PASSWORD, Router
from tests.playbooks.devices.routeros.values import shown
from tests.playbooks.trials.linux_bench import SITE

# what is not kept anyway
_PASSING = {("ip", "dns", "cache"), ("ip", "dhcp-server", "lease"), JOB}
_NAMES = {"noc.example.go.id": "192.0.2.1", "id.pool.ntp.org": "192.0.2.2"}
_SPEED = 20.0


class RouterBench:
    """A router of this version."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._router = self._new()

    def renew(self) -> None:
        self._router.close()
        self._router = self._new()

    @property
    def host(self) -> Host:
        login = Login("admin", PASSWORD)
        port = self._router.port
        return Host(SITE, "router", Platform.ROUTEROS, "127.0.0.1", port, login, self._key())

    @property
    def box(self) -> Box:
        return self._router.box

    def inside(self, text: str) -> str:
        with self.box.lock:
            printed, failed = self.box.run(text)
        assert not failed, printed
        return printed

    def configuration(self) -> dict[str, str]:
        """Off and not set at all are the same."""
        with self.box.lock:
            found = {
                f"/{' '.join(path)} {at}": _tidy(item)
                for path, items in self.box.items.items()
                if path not in _PASSING
                for at, item in enumerate(items.values())
            }
            singles = {f"/{' '.join(path)}": _tidy(it) for path, it in self.box.singles.items()}
        return {**found, **singles}

    def start(self) -> str:
        return str(self.box.restarts)

    def left(self) -> str:
        with self.box.lock:
            items = [
                it for path in (SCRIPT, SCHEDULER, JOB) for it in self.box.items[path].values()
            ]
            names = [shown(item.get("name", item.get("script"))) for item in items]
        return " ".join(name for name in names if "ronda-guard" in name)

    def close(self) -> None:
        self._router.close()

    def _new(self) -> Router:
        box = Box(self.version)
        box.names |= _NAMES
        box.offered = f"{self.version.partition('.')[0]}.99"
        return Router(box, speed=_SPEED)

    def _key(self) -> tuple[str, ...]:
        key = self._router.host_key
        return (f"{key.get_name()} {key.get_base64()}",)


def _tidy(item: dict[str, object]) -> str:
    unset = (None, False, "", "0.0.0.0")
    passing = {"next", "start", "run-count", "last-started"}
    return str({k: shown(v) for k, v in item.items() if v not in unset and k not in passing})
