"""Real receivers of remote_write on free ports, which can be ended and begun again."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Protocol

from tests.stories.centre import free_port, wait_for

# {time in ms: value} by the labels that tell series apart here
Samples = dict[tuple[str, str], dict[int, float]]


class Receiver(Protocol):
    url: str

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


class _Server:
    """A process that listens on one port for as long as it lives."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.port = folder, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.base}/api/v1/write"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        wait_for(f"{self.folder.name} serves", lambda: asked(self.base + self.ready()), 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


class Prometheus(_Server):
    """Debian's, taking samples; with a `window_s` old ones, too."""

    def __init__(self, folder: Path, window_s: int) -> None:
        super().__init__(folder)
        window = {"storage": {"tsdb": {"out_of_order_time_window": f"{window_s}s"}}}
        # JSON is YAML, too
        (folder / "prometheus.yml").write_text(json.dumps(window if window_s else {}))

    def command(self) -> list[str]:
        return [
            "prometheus",
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--web.enable-remote-write-receiver",
        ]

    def ready(self) -> str:
        return "/-/ready"

    def samples(self, names: str, since_s: int = 3600) -> Samples:
        """Raw samples of the metrics that the pattern names, by name and site."""
        query = urllib.parse.urlencode({"query": f'{{__name__=~"{names}"}}[{since_s}s]'})
        told = json.loads(asked(f"{self.base}/api/v1/query?{query}"))
        found: Samples = {}
        for series in told["data"]["result"]:
            line = found.setdefault(_key(series["metric"]), {})
            line.update({round(float(at) * 1000): float(value) for at, value in series["values"]})
        return found


class Victoria(_Server):
    """Debian's VictoriaMetrics."""

    def command(self) -> list[str]:
        return [
            "victoria-metrics",
            f"-storageDataPath={self.folder}/data",
            f"-httpListenAddr=127.0.0.1:{self.port}",
            "-retentionPeriod=100y",
            # as little as it may take: no other tests shall wait for it
            "-memory.allowedBytes=64MB",
        ]

    def ready(self) -> str:
        return "/health"

    def samples(self, names: str, since_s: int = 3600) -> Samples:
        asked(f"{self.base}/internal/force_flush")
        match = {"match[]": f'{{__name__=~"{names}"}}', "start": str(time.time() - since_s)}
        told = asked(f"{self.base}/api/v1/export?{urllib.parse.urlencode(match)}")
        found: Samples = {}
        for text in told.splitlines():
            series = json.loads(text)
            line = found.setdefault(_key(series["metric"]), {})
            pairs = zip(series["timestamps"], series["values"], strict=True)
            # a stale marker is null there
            line.update({at: float(value) for at, value in pairs if value is not None})
        return found


def asked(url: str) -> str:
    """What is answered; empty when nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            found: str = answer.read().decode() or "ok"
            return found
    except (urllib.error.URLError, OSError):
        return ""


def _key(metric: dict[str, Any]) -> tuple[str, str]:
    return metric["__name__"], metric.get("site", "")
