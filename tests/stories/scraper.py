"""A real agent that serves its numbers, and a real Prometheus that scrapes whom it is told to."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.stories.centre import Centre, free_port, wait_for

_JOB = """
  - job_name: %s
    metrics_path: /metrics
    authorization: {credentials: %s}
    static_configs: [{targets: ['%s']}]
"""


@contextmanager
def agent(centre: Centre, site: str, folder: Path) -> Iterator[str]:
    """One that reports for this site; the address of its /metrics."""
    address = f"127.0.0.1:{free_port()}"
    config = folder / "agent.toml"
    folder.mkdir()
    checks = '[[checks]]\nname = "host"\nkind = "host"\nmounts = ["/"]\n'
    config.write_text(f'report_every_s = 1\ncheck_every_s = 1\nmetrics = "{address}"\n{checks}')
    (code,) = [one["code"] for one in centre.ask("sites", "codes") if one["site"] == site]
    env = {"RONDA_AGENT_DATA": str(folder / "data"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "ronda", "agent"]
    enrol = subprocess.run(
        [*command, "enrol", centre.ingest_url, code], env=env, capture_output=True, timeout=30
    )
    assert enrol.returncode == 0, enrol.stderr
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [*command, "run", "--config", str(config)], env=env, stdout=log, stderr=log
        )
    try:
        wait_for("its numbers", lambda: b"ronda_host_load1" in read(f"http://{address}/metrics"))
        yield address
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str], token: str) -> Iterator[str]:
    """The address of one that scrapes each target (HOST:PORT by job) every second."""
    folder.mkdir()
    config, address = folder / "prometheus.yml", f"127.0.0.1:{free_port()}"
    jobs = "".join(_JOB % (job, token, target) for job, target in targets.items())
    config.write_text(f"global: {{scrape_interval: 1s}}\nscrape_configs:{jobs}")
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_for("prometheus", lambda: read(f"http://{address}/-/ready"))
        yield f"http://{address}"
    finally:
        running.terminate()
        running.wait(20)


def read(url: str) -> bytes:
    """What stands there; empty while nobody serves it."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except OSError:
        return b""


def ask(prometheus_url: str, query: str) -> dict[str, float]:
    """The newest value by job."""
    text = read(f"{prometheus_url}/api/v1/query?query={quote(query)}")
    rows: list[dict[str, Any]] = json.loads(text)["data"]["result"] if text else []
    return {row["metric"].get("job", ""): float(row["value"][1]) for row in rows}
