"""Other programs push to a running centre: hand-made senders, a real Prometheus and vmagent."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import cramjam
import pytest

from collector.db import open_history
from collector.series.foreign import Foreign
from tests import recorded
from tests.collector.write_request import HEADERS, HEADERS_2, body, piece, request_2
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import enrolled
from tests.stories.senders import Raw, prometheus, raw, vmagent
from web.remote_write import PATH

pytestmark = pytest.mark.slow

GOLDEN = recorded.FOLDER / "prometheus" / "remote_write_golden"
MONTH_S = 30 * 86400


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp("remote_write") / "var") as centre:
        yield centre


@pytest.fixture(scope="module")
def token(centre: Centre) -> str:
    found: str = centre.ask("users", "token", "--role", "noc", "--name", "prometheus")["token"]
    return found


WRITTEN = re.compile("x-prometheus-remote-write-([a-z]+)-written", re.IGNORECASE)


def push(centre: Centre, token: str, sent: bytes, **headers: str) -> tuple[int, str]:
    """Status and text."""
    return told_of(centre, token, sent, **headers)[:2]


def told_of(
    centre: Centre, token: str, sent: bytes, **headers: str
) -> tuple[int, str, dict[str, int]]:
    """Status and text, and what was written as the headers of 2.0 tell it."""
    connection = HTTPConnection(centre.settings.console, timeout=15)
    try:
        given = {**HEADERS, "Authorization": f"Bearer {token}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        # who is refused by his head alone may not get rid of the rest
        with suppress(BrokenPipeError):
            connection.request("POST", PATH, sent, given)
        answer = connection.getresponse()
        written = {
            named[1].title(): int(value)
            for name, value in answer.headers.items()
            if (named := WRITTEN.fullmatch(name))
        }
        return answer.status, answer.read().decode(), written
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


def test_a_token_is_needed_and_only_what_is_spoken(centre: Centre, token: str) -> None:
    sent = body(({"__name__": "x"}, [(int(time.time() * 1000), 1.0)]))
    assert push(centre, "nobody's", sent)[0] == 401
    viewer = centre.ask("users", "token", "--role", "viewer", "--name", "v")["token"]
    assert push(centre, viewer, sent)[0] == 401
    assert push(centre, token, sent, Content_Type="application/json")[0] == 415
    assert push(centre, token, sent, Content_Encoding="gzip")[0] == 415
    assert push(centre, token, b"\0" * ((1 << 20) + 1))[0] == 413


@recorded.needed("prometheus/remote_write_golden")
@pytest.mark.parametrize("case", sorted(GOLDEN.glob("*.bin")), ids=lambda path: path.stem)
def test_requests_made_elsewhere_are_answered_as_documented(
    centre: Centre, token: str, case: Path
) -> None:
    told = json.loads(case.with_suffix(".json").read_text())
    status, answer, written = told_of(centre, token, case.read_bytes(), **as_words(told["headers"]))
    kind = case.stem.partition("_")[0]
    expected = {"bad": 400, "v1": 400 if "no_metric_name" in case.stem else 204, "v2": 204}
    assert (status, status // 100 != 5) == (expected[kind], True), answer
    if status != 204:
        return
    assert written == ({"Samples": 4, "Histograms": 0, "Exemplars": 0} if kind == "v2" else {})
    for series in told["series"]:
        labels = dict(series["labels"])
        name = labels.pop("__name__")
        wait_for("history", lambda n=name, ls=labels: samples(centre, n, **ls))
        assert len(samples(centre, name, **labels)) == len(series["samples"])


def test_a_sender_of_2_0_is_told_what_was_written_of_a_request(centre: Centre, token: str) -> None:
    now = int(time.time() * 1000)
    kept = ({"__name__": "dua", "ruang": "b"}, [(now, 1.0), (now - 5, 2.0)])
    refused = ({"__name__": "ronda_site_up"}, [(now, 1.0)])
    histogram, exemplar, metadata = piece(3, b""), piece(4, b""), piece(5, b"\x08\x02")
    sent = request_2(kept, refused, more=histogram + exemplar + metadata)
    status, text, written = told_of(
        centre, token, bytes(cramjam.snappy.compress_raw(sent)), **as_words(HEADERS_2)
    )
    assert (status, written) == (400, {"Samples": 2, "Histograms": 0, "Exemplars": 0})
    assert text == (
        "2 samples are kept; refused:\n"
        "dua{ruang=b}: native histograms are not kept\n"
        "ronda_site_up{}: names that begin with ronda_ are the centre's own\n"
    )
    wait_for("history", lambda: samples(centre, "dua"))
    assert samples(centre, "dua", ruang="b") == [(now - 5, 2.0), (now, 1.0)]


def as_words(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in headers.items()}


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


@pytest.fixture(scope="module")
def senders(tmp_path_factory: pytest.TempPathFactory, centre: Centre, token: str) -> Iterator[str]:
    """A real Prometheus that scrapes itself each second, and vmagent that scrapes it as well.

    Both push to the centre, whose console and ingest are killed while they do. What vmagent took
    lies in that Prometheus, too. Answers where it listens.
    """
    folder = tmp_path_factory.mktemp("senders")
    with prometheus(folder, remote_write=[to(centre, token)], keep="self") as address:
        urls = (f"http://{address}/api/v1/write", f"{centre.console_url}{PATH}")
        with vmagent(folder, address, urls, token):
            for role in ("web", "ingest", "web"):
                count = len(samples(centre, "up", job="self"))
                wait_for("pushed", lambda n=count: len(samples(centre, "up", job="self")) > n, 60)
                centre.kill(role)
            wait_for("pushed", lambda: len(samples(centre, "up", job="agen")) >= 20, 120)
            # whoever ends vmagent now leaves on its disk what is still to be sent
            yield address
    assert "non-recoverable" not in (folder / "prometheus.log").read_text()
    assert "skipping" not in (folder / "vmagent.log").read_text()


def to(centre: Centre, token: str) -> dict[str, Any]:
    return {"url": f"{centre.console_url}{PATH}", "authorization": {"credentials": token}}


@pytest.mark.parametrize(("job", "least"), [("self", 300), ("agen", 300)])
def test_what_real_senders_push_is_here_sample_by_sample_whatever_was_killed(
    senders: str, centre: Centre, token: str, job: str, least: int
) -> None:
    query = f'{{job="{job}"}}[20m]'
    now = time.time()

    def equal() -> Raw | None:
        """What is under way comes soon, on either side."""
        theirs = raw(f"http://{senders}", query, now)
        ours = raw(f"{centre.console_url}/prometheus", query, now, token)
        assert len(theirs) > least
        return theirs if ours == theirs else None

    theirs = wait_for("the same samples on both sides", equal, 120, 1)
    up = next(points for series, points in theirs.items() if dict(series)["__name__"] == "up")
    assert len(up) >= 15
