"""Other programs push to a running centre: a hand-made sender, and a real Prometheus."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from collector.db import open_history
from collector.series.foreign import Foreign
from tests.collector.write_request import HEADERS, body
from tests.stories.centre import Centre, free_port, wait_for
from tests.stories.kills import enrolled
from web.remote_write import PATH

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[3] / "shared" / "data" / "prometheus" / "remote_write_golden"
MONTH_S = 30 * 86400


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("remote_write") / "var") as centre:
        yield centre


@pytest.fixture(scope="module")
def token(centre: Centre) -> str:
    found: str = centre.ask("users", "token", "--role", "noc", "--name", "prometheus")["token"]
    return found


def push(centre: Centre, token: str, sent: bytes, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection(centre.settings.console, timeout=15)
    try:
        given = {**HEADERS, "Authorization": f"Bearer {token}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        # who is refused by his head alone may not get rid of the rest
        with suppress(BrokenPipeError):
            connection.request("POST", PATH, sent, given)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def samples(centre: Centre, name: str, **labels: str) -> list[tuple[int, float]]:
    engine = open_history(centre.settings)
    try:
        foreign = Foreign(engine)
        table = foreign.table()
        ids = [
            number
            for number, told in zip(table.ids.tolist(), table.labels, strict=True)
            if told["__name__"] == name and labels.items() <= told.items()
        ]
        found = foreign.read(ids, 0, 1 << 42)
        return list(zip(found.times_ms.tolist(), found.values.tolist(), strict=True))
    finally:
        engine.dispose()


def test_what_is_pushed_is_in_history(centre: Centre, token: str) -> None:
    now = int(time.time() * 1000)
    told = [(now - MONTH_S * 1000, 3.5), (now, 1.5), (now - 10, 2.5)]
    assert push(centre, token, body(({"__name__": "suhu", "ruang": "é"}, told))) == (204, "")
    wait_for("history", lambda: samples(centre, "suhu", ruang="é"))
    assert samples(centre, "suhu", ruang="é") == sorted(told)


def test_what_is_refused_is_named_and_the_rest_kept(centre: Centre, token: str) -> None:
    now = int(time.time() * 1000)
    series = [({"__name__": name}, [(now, 1.0)]) for name in ("kept", "ronda_site_up")]
    status, told = push(centre, token, body(*series))
    assert (status, told) == (
        400,
        "1 samples are kept; refused:\n"
        "ronda_site_up{}: names that begin with ronda_ are the centre's own\n",
    )
    wait_for("history", lambda: samples(centre, "kept"))
    connection = HTTPConnection(centre.settings.console, timeout=5)
    connection.request("GET", "/metrics")
    figures = connection.getresponse().read().decode()
    connection.close()
    assert 'ronda_remote_write_refused_total{reason="reserved"} 1.0' in figures


def test_a_villages_agent_may_push_for_its_own_site_only(centre: Centre) -> None:
    witness, other, *_ = enrolled(centre, seed=5)
    now = int(time.time() * 1000)
    series = [
        ({"__name__": "solar", "site": site}, [(now, 1.0)]) for site in (witness.site, other.site)
    ]
    status, told = push(centre, witness.token, body(*series))
    assert (status, "label site is the centre's own" in told) == (400, True)
    wait_for("history", lambda: samples(centre, "solar"))
    assert samples(centre, "solar", site=other.site) == []


def test_a_token_is_needed_and_only_version_1_is_spoken(centre: Centre, token: str) -> None:
    sent = body(({"__name__": "x"}, [(int(time.time() * 1000), 1.0)]))
    assert push(centre, "nobody's", sent)[0] == 401
    viewer = centre.ask("users", "token", "--role", "viewer", "--name", "v")["token"]
    assert push(centre, viewer, sent)[0] == 401
    assert push(centre, token, sent, Content_Type="application/json")[0] == 415
    assert push(centre, token, sent, Content_Encoding="gzip")[0] == 415
    assert push(centre, token, b"\0" * ((1 << 20) + 1))[0] == 413


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared/data/prometheus")
@pytest.mark.parametrize("case", sorted(GOLDEN.glob("*.bin")), ids=lambda path: path.stem)
def test_requests_made_elsewhere_are_answered_as_documented(
    centre: Centre, token: str, case: Path
) -> None:
    told = json.loads(case.with_suffix(".json").read_text())
    headers = {name.replace("-", "_"): value for name, value in told["headers"].items()}
    status, answer = push(centre, token, case.read_bytes(), **headers)
    kind = case.stem.partition("_")[0]
    expected = {"bad": 400, "v1": 400 if "no_metric_name" in case.stem else 204, "v2": 415}
    assert (status, status // 100 != 5) == (expected[kind], True), answer
    if status != 204:
        return
    for series in told["series"]:
        labels = dict(series["labels"])
        name = labels.pop("__name__")
        wait_for("history", lambda n=name, ls=labels: samples(centre, n, **ls))
        assert len(samples(centre, name, **labels)) == len(series["samples"])


def test_while_ingest_is_away_the_sender_is_told_to_come_again(centre: Centre, token: str) -> None:
    now = int(time.time() * 1000)
    sent = body(({"__name__": "again"}, [(now, 1.0)]))
    answers: list[int] = []
    centre.kill("ingest")
    while 204 not in answers:
        answers.append(push(centre, token, sent)[0])
    assert set(answers) <= {204, 503}
    wait_for("history", lambda: samples(centre, "again"))
    assert samples(centre, "again") == [(now, 1.0)]


@contextmanager
def prometheus(folder: Path, centre: Centre, token: str) -> Iterator[str]:
    """A real one that scrapes itself each second and pushes to the centre."""
    address = f"127.0.0.1:{free_port()}"
    config = {
        "global": {"scrape_interval": "1s", "external_labels": {"pengirim": "kabupaten"}},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": [address]}]}],
        "remote_write": [
            {"url": f"{centre.console_url}{PATH}", "authorization": {"credentials": token}}
        ],
    }
    # JSON is YAML, too
    (folder / "prometheus.yml").write_text(json.dumps(config))
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--web.listen-address={address}",
        f"--storage.tsdb.path={folder}/tsdb",
    ]
    with (folder / "prometheus.log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield address
    finally:
        running.terminate()
        running.wait(20)


def test_a_real_prometheus_pushes_all_it_has(tmp_path: Path, centre: Centre, token: str) -> None:
    with prometheus(tmp_path, centre, token) as address:
        wait_for("pushed", lambda: len(samples(centre, "up", pengirim="kabupaten")) >= 5, 120)
        its = {row[0]: row[1] for row in asked(address, "up[10m]")}
    ours = {time / 1000: value for time, value in samples(centre, "up", job="self")}
    assert len(its) >= 5
    assert {time: value for time, value in its.items() if time in ours} == {
        time: value for time, value in ours.items() if time in its
    }
    assert len(its.keys() & ours.keys()) >= 5
    engine = open_history(centre.settings)
    labels = [told for told in Foreign(engine).table().labels if told.get("job") == "self"]
    engine.dispose()
    assert len(labels) > 200
    assert all(told["pengirim"] == "kabupaten" for told in labels)
    assert "non-recoverable" not in (tmp_path / "prometheus.log").read_text()


def asked(address: str, query: str) -> list[tuple[float, float]]:
    connection = HTTPConnection(address, timeout=10)
    connection.request("GET", f"/api/v1/query?query={query}")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    (series,) = answer["data"]["result"]
    return [(float(time), float(value)) for time, value in series["values"]]
