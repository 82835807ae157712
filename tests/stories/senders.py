"""Programs of others beside a centre: a real Prometheus, vmagent, VictoriaMetrics."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.stories.centre import free_port, wait_for

Series = frozenset[tuple[str, str]]
# by series, and there by time
Raw = dict[Series, dict[float, str]]


@contextmanager
def prometheus(
    folder: Path, remote_write: Sequence[dict[str, Any]] = (), keep: str = ""
) -> Iterator[str]:
    """One that takes remote_write, and where it listens.

    With `keep` it scrapes itself each second as the job of this name, and pushes this job alone.
    """
    address = f"127.0.0.1:{free_port()}"
    only = {"source_labels": ["job"], "regex": keep, "action": "keep"}
    targets = [{"job_name": keep, "static_configs": [{"targets": [address]}]}] if keep else []
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": targets,
        "remote_write": [{**to, "write_relabel_configs": [only]} for to in remote_write],
    }
    # JSON is YAML, too
    (folder / "prometheus.yml").write_text(json.dumps(config))
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--web.listen-address={address}",
        f"--storage.tsdb.path={folder}/tsdb",
        "--web.enable-remote-write-receiver",
        "--enable-feature=promql-negative-offset,promql-at-modifier",
    ]
    with running(command, folder / "prometheus.log", f"http://{address}/-/ready"):
        yield address


@contextmanager
def vmagent(folder: Path, target: str, urls: Sequence[str], token: str) -> Iterator[None]:
    """It scrapes `target` each second as the job "agen", and pushes to all of `urls`."""
    address = f"127.0.0.1:{free_port()}"
    job = {"job_name": "agen", "static_configs": [{"targets": [target]}]}
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
    (folder / "vmagent.yml").write_text(json.dumps(config))
    (folder / "token").write_text(token)
    command = [
        "vmagent",
        f"-httpListenAddr={address}",
        f"-promscrape.config={folder}/vmagent.yml",
        f"-remoteWrite.tmpDataPath={folder}/queue",
        f"-remoteWrite.bearerTokenFile={folder}/token",
        "-remoteWrite.queues=1",
        *(f"-remoteWrite.url={url}" for url in urls),
    ]
    with running(command, folder / "vmagent.log", f"http://{address}/health"):
        yield


@contextmanager
def victoria(folder: Path) -> Iterator[str]:
    """An empty VictoriaMetrics, and where it listens."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        "victoria-metrics",
        f"-storageDataPath={folder}/victoria",
        f"-httpListenAddr={address}",
        "-retentionPeriod=100y",
        "-search.latencyOffset=0s",
        "-search.disableCache",
    ]
    with running(command, folder / "victoria.log", f"http://{address}/health"):
        yield address


@contextmanager
def running(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        wait_for(ready, lambda: answers(ready), 30)
        yield
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


def asked(base: str, path: str, params: dict[str, Any], token: str = "") -> Any:
    """The data of a good answer of Prometheus's API."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url, form = f"{base}/api/v1/{path}", urlencode(params, doseq=True).encode()
    request = urllib.request.Request(url, form, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            document = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{base} {params}: {error.code} {error.read().decode()}") from error
    assert document["status"] == "success"
    return document["data"]


def raw(base: str, query: str, at: float, token: str = "") -> Raw:
    """The samples that a range selector holds."""
    found = asked(base, "query", {"query": query, "time": at}, token)
    assert found["resultType"] == "matrix"
    return {
        frozenset(row["metric"].items()): {float(time): value for time, value in row["values"]}
        for row in found["result"]
    }
