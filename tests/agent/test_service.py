"""The agent as a process: started, stopped, killed, orphaned, asked."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent import chunks
from agent.identity import Home, Identity
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.servers import Authority

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = {
    "report_every_s": 1,
    "check_every_s": 1,
    "checks": [
        {"name": "host", "kind": "host"},
        {"name": "me", "kind": "tcp", "host": "localhost"},
    ],
}


class Program:
    """`ronda-agent` on a folder of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.home = Home(str(folder / "home"))
        self.environment = {
            **os.environ, "RONDA_AGENT_DATA": self.home.folder, "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self._stack = stack

    def enrolled(self, fake: FakeCollector, ca: str = "") -> "Program":
        self.home.make()
        self.home.keep_identity(Identity(url=fake.url, agent="7", token="token-1", ca=ca))
        checks = [{**check, "port": fake.port} if check["kind"] == "tcp" else check
                  for check in CONFIG["checks"]]  # fmt: skip
        fake.config = {**CONFIG, "checks": checks}
        self.home.keep_config(fake.config, fake.etag)
        return self

    def start(self, *words: str, lifeline: int | None = None) -> "subprocess.Popen[str]":
        more = {} if lifeline is None else {"RONDA_LIFELINE": str(lifeline)}
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", *words],
            env=self.environment | more,
            pass_fds=() if lifeline is None else (lifeline,),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._stack.callback(_end, process)
        return process

    def do(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with ExitStack() as stack:
        yield Program(tmp_path, stack)


def wait_until(true: Callable[[], bool], limit_s: float = 15.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_it_reports_and_says_goodbye_on_sigterm(program: Program, centre: FakeCollector) -> None:
    process = program.enrolled(centre).start("run")
    began = time.monotonic()
    centre.wait_for(reports=1)
    assert time.monotonic() - began < 10
    centre.wait_for(reports=3)
    code, out, _ = program.do("status", "--json")
    told = json.loads(out)
    assert (code, told["running"], told["agent"], told["config"]) == (0, True, "7", "c1")
    assert told["spool"]["dropped_total"] == 0
    stopped = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert time.monotonic() - stopped < 2.5
    last = [said for said in centre.requests if said.path == "/api/v1/reports"][-1]
    assert last.headers["x-ronda-shutdown"] == "1"
    assert {f["check"]: f["verdict"] for r in centre.reports for f in r["findings"]} == {
        "me": "good"
    }
    assert program.do("status")[0] == 1


def test_it_ends_at_once_on_sigint_while_the_collector_is_away(
    program: Program, centre: FakeCollector
) -> None:
    program.enrolled(centre)
    centre.close()
    process = program.start("run")
    wait_until(lambda: bool(list(Path(program.home.path("spool")).glob("*.seg"))))
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
    assert time.monotonic() - began < 2.5


def test_it_ends_within_a_second_of_its_parent(program: Program, centre: FakeCollector) -> None:
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)
    process = program.enrolled(centre).start("run", lifeline=ours)
    os.close(ours)
    centre.wait_for(reports=1)
    began = time.monotonic()
    os.close(theirs)
    assert process.wait(5) == 0
    assert time.monotonic() - began < 1


def test_a_second_agent_on_the_same_folder_is_refused(
    program: Program, centre: FakeCollector
) -> None:
    process = program.enrolled(centre).start("run")
    centre.wait_for(reports=1)
    assert program.do("run") == (
        2, "", f"ronda-agent: {program.home.folder}: another agent runs on this folder\n",
    )  # fmt: skip
    process.kill()
    process.wait(5)
    again = program.start("run")
    seen = len(centre.reports)
    centre.wait_for(reports=seen + 1)
    again.send_signal(signal.SIGTERM)
    assert again.wait(5) == 0


def test_what_was_flushed_before_kill_9_arrives_once(
    program: Program, centre: FakeCollector
) -> None:
    program.enrolled(centre)
    centre.close()
    for _ in range(3):
        before = flushed_findings(program)
        process = program.start("run")
        wait_until(partial(more_findings, program, before))
        process.kill()
        process.wait(5)
    with collector() as back:
        identity = program.home.identity()
        assert identity is not None
        program.home.keep_identity(Identity(url=back.url, agent="7", token="token-1"))
        process = program.start("run")
        wait_until(lambda: len(findings_of(back)) >= 4)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert back.repeats == 0


def findings_of(fake: FakeCollector) -> set[str]:
    """The runs whose finding came."""
    return {spool for (spool, _), entry in list(fake.kept.items()) if "check" in entry}


def flushed_findings(program: Program) -> int:
    """How many findings stand whole in files."""
    files = Path(program.home.path("spool")).glob("*.seg")
    found = [chunk for file in files for chunk in chunks.scan(file.read_bytes())[0]]
    return sum(chunk.entries for chunk in found if chunk.kind == chunks.FINDINGS)


def more_findings(program: Program, before: int) -> bool:
    return flushed_findings(program) > before


def test_a_power_cut_of_the_collector_is_survived(program: Program, tmp_path: Path) -> None:
    authority = Authority()
    with collector(authority.context(tmp_path)) as fake:
        program.enrolled(fake, authority.pem).start("run")
        fake.wait_for(reports=2)
        fake.hang_up()
        seen = len(fake.reports)
        fake.wait_for(reports=seen + 2)
        assert fake.repeats <= 2


def test_a_configuration_edited_at_the_centre_is_followed_within_a_report(
    program: Program, centre: FakeCollector
) -> None:
    program.enrolled(centre).start("run")
    centre.wait_for(reports=2)
    centre.config = {**centre.config, "checks": [{"name": "other", "kind": "host"}]}
    centre.etag = "c2"
    wait_until(lambda: program.home.config() == (centre.config, "c2"))


def test_before_enrolment_it_says_what_to_do(program: Program) -> None:
    code, _, err = program.do("run")
    assert code == 2
    assert err.endswith(": not enrolled; first: ronda-agent enrol URL CODE\n")
    assert err.count("\n") == 1


def test_a_bad_file_is_refused_by_name(
    program: Program, centre: FakeCollector, tmp_path: Path
) -> None:
    file = tmp_path / "agent.toml"
    file.write_text("report_every_s = 0")
    code, _, err = program.enrolled(centre).do("run", "--config", str(file))
    assert (code, err) == (
        2, f"ronda-agent: {file}: report_every_s: must be 1 to 3600, got 0\n"
    )  # fmt: skip


def test_once_shows_readings_of_this_machine(program: Program) -> None:
    code, out, _ = program.do("once", "--json")
    kinds = {entry["kind"]: entry for entry in json.loads(out)}
    assert (code, set(kinds)) == (0, {"link", "host", "ping", "dns"})
    assert kinds["host"]["values"]["ronda_host_load1"] >= 0
    code, out, _ = program.do("once")
    assert "ronda_host_memory_used_ratio" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["probe", "tcp", "--host", "127.0.0.1", "--port", "{port}"], 0, '"verdict": "good"'),
        (["probe", "tcp", "--set", "host=127.0.0.1", "--set", "port=1"], 1, "refuses"),
        (["probe", "tcp", "--port", "1"], 2, "--host: missing"),
        (["probe", "tcp", "--host", "x", "--port", "web"], 2, "--port: expected a number"),
        (["probe", "sonar"], 2, "kind: 'sonar' is not one of"),
        (["probe", "tcp", "host"], 2, "host: expected --KEY VALUE"),
        (["once", "--nonsense"], 2, "unrecognized arguments: --nonsense"),
        (["status"], 1, "running"),
        ([], 2, "usage"),
    ],
)
def test_what_a_person_may_type(
    program: Program, centre: FakeCollector, words: list[str], code: int, said: str
) -> None:
    words = [word.format(port=centre.port) for word in words]
    json_words = ["--json"] if words[:1] == ["probe"] else []
    got, out, err = program.do(*words, *json_words)
    assert got == code, err
    assert said in out + err
    assert "Traceback" not in err


def test_enrol_and_run_from_nothing(program: Program, centre: FakeCollector) -> None:
    code, out, _ = program.do("enrol", centre.url, "ABCD", "--json")
    assert (code, json.loads(out)["agent"]) == (0, "7")
    assert program.do("enrol", centre.url, "ABCD")[0] == 0
    assert program.do("probe", "known", "--url", f"{centre.url}/known")[0] == 1
    program.start("run")
    centre.wait_for(reports=1)
    assert program.do("enrol", centre.url, "EFGH")[::2] == (
        2, f"ronda-agent: {program.home.folder}: another agent runs on this folder\n",
    )  # fmt: skip


def test_a_folder_that_cannot_be_written_or_understood_does_not_stop_it(
    program: Program, centre: FakeCollector
) -> None:
    program.enrolled(centre)
    Path(program.home.path("config.json")).write_text("half")
    # as unwritable as a card that turned read-only, also for root
    Path(program.home.path("spool")).touch()
    process = program.start("run")
    centre.wait_for(reports=2)
    told = json.loads(program.do("status", "--json")[1])
    assert "spool cannot be" in told["spool"]["trouble"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0


def test_an_enrolment_on_a_disk_that_cannot_be_written_says_so(
    program: Program, centre: FakeCollector
) -> None:
    os.makedirs(program.home.path("enrol.json.new"))
    code, _, err = program.do("enrol", centre.url, "ABCD")
    assert code == 1
    assert err.startswith("ronda-agent: not enrolled: ")
    assert err.count("\n") == 1


def test_no_class_of_the_agent_brings_inspect_into_memory() -> None:
    script = (
        "import sys; from agent.lean import spare_inspect; spare_inspect()\n"
        "import agent.service\nfrom agent.probes import PROBES, load\n"
        "[load(kind) for kind in PROBES]\n"
        "print([m for m in ('ast', 'argparse', 'logging', 'asyncio', 'tomllib', 'http.client',"
        " 'urllib.request', 'sqlite3', 'random', 'tempfile', 'pathlib') if m in sys.modules])"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-S", "-c", script], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "[]\n", done.stderr
