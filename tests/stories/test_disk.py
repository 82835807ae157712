"""The centre's disk is full, or dies under it: agents are sent away, nothing is lost, no end."""

import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.postgres import own_connections
from tests.stories.centre import Centre, wait_for
from tests.stories.disk import Disk, disk
from tests.stories.kills import all_folded, compare, enrolled
from tests.stories.witness import Witness

pytestmark = pytest.mark.slow

ROLES = ("ingest", "engine", "web")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    with disk(tmp_path_factory.mktemp("disk") / "disk", 200) as made:
        yield made


@pytest.fixture(scope="module")
def centre(small: Disk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    made = Centre(small.folder / "var")
    # what it says goes elsewhere, as the service's log does
    made.log_to(tmp_path_factory.mktemp("log") / "log")
    with made:
        yield made


@pytest.fixture(scope="module")
def witness(centre: Centre) -> Witness:
    with own_connections():
        one, *_ = enrolled(centre, seed=7)
    return one


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """By this process: the disk is to be taken out."""
    with own_connections():
        yield


def test_a_full_disk_sends_agents_away_and_is_forgiven_without_a_restart(
    small: Disk, centre: Centre, witness: Witness
) -> None:
    told = report(witness, 10)
    before = [centre.pid(role) for role in ROLES]
    small.fill()
    wait_for("agents are sent away", lambda: sent_away(witness))
    wait_for("the fold waits, too", lambda: centre.health()["fold_lag_s"] > 6)
    # also when the fold is late: what is told is why
    assert sent_away(witness)
    assert retry_after(centre, witness) == (503, "30")
    assert centre.health()["why"] == ["disk full"]
    assert centre.health("console")["status"] == "the disk is full"
    assert "WRONG disk: " in centre.run("doctor").stdout
    assert page(f"{centre.console_url}/login") == 200
    small.make_room()
    wait_for("all well again", lambda: well(centre), 30)
    assert [centre.pid(role) for role in ROLES] == before
    kept_once(centre, witness, told)


@pytest.mark.soak
def test_a_centre_on_a_full_disk_starts_what_dies_and_does_not_end_itself(
    small: Disk, centre: Centre, witness: Witness
) -> None:
    told = report(witness, 10)
    before = {role: centre.pid(role) for role in ROLES}
    small.fill()
    wait_for("agents are sent away", lambda: sent_away(witness))
    for role in ROLES:
        centre.kill(role)
    wait_for("told again that it is full", lambda: centre.health().get("why") == ["disk full"])
    wait_for("pages again", lambda: centre.health("console")["status"] == "the disk is full")
    small.make_room()
    wait_for("all well again", lambda: well(centre), 30)
    wait_for("new numbers", lambda: not {centre.pid(r) for r in ROLES} & {*before.values()})
    kept_once(centre, witness, told)


@pytest.mark.soak
def test_a_disk_that_turns_read_only_costs_nothing_that_was_called_safe(
    small: Disk, centre: Centre, witness: Witness
) -> None:
    told = report(witness, 10)
    before = [centre.pid(role) for role in ROLES]
    small.fail()
    wait_for("agents are sent away", lambda: sent_away(witness))
    wait_for("told why", lambda: centre.health()["why"] == ["journal: Read-only file system"])
    wait_for("the fold waits, too", lambda: centre.health("console")["fold_lag_s"] > 6)
    assert "WRONG data: " in centre.run("doctor").stdout
    assert [centre.pid(role) for role in ROLES] == before
    assert centre.stop() == 0
    small.repair()
    # as after a start of the machine: what was mapped and not yet on the disk is gone
    shutil.rmtree(centre.settings.window)
    centre.start()
    wait_for("all well again", lambda: well(centre), 30)
    kept_once(centre, witness, told)


def report(witness: Witness, more: int) -> int:
    """So many further entries are safe; how many are in all."""
    until = len(witness.safe) + more
    while len(witness.safe) < until:
        witness.sample()
        assert witness.send(), witness.answers
    return until


def sent_away(witness: Witness) -> bool:
    """A report is answered with 503, and nothing else."""
    before = witness.answers.get(503, 0)
    witness.sample()
    return not witness.send() and witness.answers[503] == before + 1


def retry_after(centre: Centre, witness: Witness) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {witness.token}"}
    body = b'{"v":1,"spool":"9f1c22d0","sent_at":1,"boot":"b","frames":[],"findings":[]}'
    asked = urllib.request.Request(f"{centre.ingest_url}/api/v1/reports", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=5)
    with refused.value as answer:
        return answer.code, answer.headers["Retry-After"]


def page(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def well(centre: Centre) -> bool:
    return centre.health()["status"] == centre.health("console")["status"] == "ok"


def kept_once(centre: Centre, witness: Witness, told: int) -> None:
    """Everything that was called safe, and what waited meanwhile, is in history once."""
    witness.drain()
    all_folded(centre)
    assert compare(centre, witness) > told
