"""What the documents show can be typed, sent and configured as it stands there."""

import json
import re
import shlex
import subprocess
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

import ronda
from agent import beacon
from agent.commands import make_parser
from agent.config import read_toml
from agent.strict import Refused
from collector.db import writing
from collector.intake import flat, heard
from collector.intake.enrol import Wish
from collector.intake.names import Names
from collector.intake.scrutiny import inspect, parse
from collector.intake.validate import Sender
from collector.inventory.keeping import put
from tests.alerts.village import contact, village
from tests.each import for_each

DOWN = 1795302745.0  # 06.12 WIB
TEMBOKREJO = "35.10.06.2005"
ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str, language: str = "") -> list[str]:
    """The examples of one document that are in this language."""
    text = (ROOT / "docs" / name).read_text()
    return [body for kind, body in FENCED.findall(text) if kind == language]


def example(name: str, holding: str) -> str:
    """The one example of a document that holds this text."""
    (found,) = [body for body in blocks(name) if holding in body]
    return found


def typed(program: str) -> list[str]:
    """Every line of every example that calls `program`, without the line's other words."""
    lines = []
    for path in PAGES:
        for _, body in FENCED.findall(path.read_text()):
            for line in body.replace("\\\n", " ").splitlines():
                if match := re.search(rf"(?:^|\s|=)(?:/opt/ronda/bin/)?{program} ([a-z].*)", line):
                    lines.append(match[1])
    return sorted(set(lines))


def words_of(line: str) -> list[str]:
    """Up to a pipe or a file: what follows is of another program."""
    return list(takewhile(lambda word: word not in ("|", ">"), shlex.split(line, comments=True)))


@for_each("line", typed("ronda-agent"))
def test_a_call_of_the_agent_is_understood(line: str) -> None:
    args, further = make_parser().parse_known_args(words_of(line))
    assert not further or args.run.__name__ == "run_probe", f"not understood: {further}"


@pytest.mark.slow
@for_each("line", typed("ronda"))
def test_a_call_of_ronda_is_understood(line: str) -> None:
    words = words_of(line)
    assert ronda.parser_for(words).parse_args(words).run


@pytest.mark.parametrize("text", blocks("agent.md", "toml"))
def test_a_configuration_is_accepted(text: str) -> None:
    assert read_toml(text).checks


def test_the_kind_that_is_no_kind_is_still_refused() -> None:
    text = blocks("agent.md", "toml")[0]
    with pytest.raises(Refused, match="is not one of"):
        read_toml(text.replace('"service"', '"sonar"'))


def test_the_report_is_answered_as_it_says() -> None:
    """One frame is one number short; its neighbours are kept."""
    shown = example("protocol.md", "POST /api/v1/reports ")
    answer = json.loads(example("protocol.md", '"need_layouts"').strip())
    body = shown.partition("\n")[2].encode()
    judged = inspect(parse(body), Sender(frozenset({"35.10.06.2006"}), {}, Names()))
    assert len(judged.report.frames) + len(judged.report.findings) == answer["kept"]
    told = [{"n": rejection.n, "reason": rejection.reason} for rejection in judged.rejected]
    assert told == answer["rejected"]
    assert judged.need_layouts == answer["need_layouts"]


def test_the_flat_report_is_answered_as_it_says() -> None:
    lines = flat.read(example("protocol.md", "check.sideka=bad"))
    answer = example("protocol.md", "\ntime ").splitlines()
    assert answer[0] == f"ok {lines.seq}"
    assert [f"error {field}: {reason}" for field, reason in lines.problems] == answer[1:-2]
    assert len(lines.checks) == 2
    assert len(lines.values) == 3


def test_the_enrolment_is_understood() -> None:
    body = json.loads(example("protocol.md", "POST /api/v1/enrol").partition("\n")[2])
    assert Wish(**body).problem() == ""


@pytest.mark.parametrize("script", blocks("protocol.md", "sh"))
def test_a_script_sends_lines_that_are_all_understood(script: str, tmp_path: Path) -> None:
    """The real script with a real shell; only curl and ping are ours."""
    stub = {
        "curl": "cat",
        "ping": "echo 'rtt min/avg/max/mdev = 1.1/2.1/3.1/0.4 ms'",
    }
    for name, body in stub.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "TOKEN": "secret",
        "CENTRE": "http://127.0.0.1:9",
        "SEQ_FILE": str(tmp_path / "seq"),
    }
    for seq in (1, 2):
        done = subprocess.run(
            ["sh", "-eu", "-c", script], env=environment, capture_output=True, text=True, timeout=20
        )
        assert (done.returncode, done.stderr) == (0, "")
        lines = flat.read(done.stdout)
        assert lines.problems == []
        assert lines.seq == seq
        assert [check.verdict for check in lines.checks] == ["good", "good"]
        assert lines.values['ronda_uplink_rtt_seconds{target="1.1.1.1"}'] == 0.0021


@pytest.fixture
def message(tmp_path: Path) -> dict[str, Any]:
    """What an engine sends of an application that broke in one village."""
    person = contact("Wayan", scope=TEMBOKREJO, webhook="http://hook/")
    with village(tmp_path, person) as here:
        with writing(here.store) as connection:
            put(connection, "sites", [{"code": TEMBOKREJO, "name": "Tembokrejo"}], DOWN, "test")
        here.be("normal", DOWN - 3600, site=TEMBOKREJO)
        for at in (-9000.0, -4500.0, 0.0):
            here.say("bad", DOWN + at, "HTTP 502 instead of 200", site=TEMBOKREJO)
            here.step(DOWN + at)
            if at:
                here.say("good", DOWN + at + 60, site=TEMBOKREJO)
                here.step(DOWN + at + 60)
        told: dict[str, Any] = json.loads(here.notices()[-1].body)
    return told


@pytest.mark.slow
def test_the_webhook_gets_what_it_says(message: dict[str, Any]) -> None:
    (shown,) = map(json.loads, blocks("messages.md", "json"))
    assert message | {"notice": 1} == shown


@pytest.mark.slow
def test_villages_are_shown_a_message_as_it_comes(message: dict[str, Any]) -> None:
    quoted = "".join(f"> {line}\n" for line in message["text"].splitlines())
    assert quoted in (ROOT / "docs" / "desa.md").read_text()


def test_the_beacon_of_the_document_is_the_one_we_send_and_answer() -> None:
    lines = dict(
        (name, bytes.fromhex("".join(words)))
        for name, *words in map(str.split, example("protocol.md", "beacon  ").splitlines())
    )
    key, counter = bytes(range(32)), 1795301634 << 32 | 5
    for pack in (beacon.pack, heard.pack):
        assert pack(key, 7, counter, beacon.ON_BATTERY) == lines["beacon"]
        assert pack(key, 7, counter, beacon.ON_BATTERY | beacon.ECHO) == lines["echo"]
    table = heard.Heard(lambda agent: (key,) if agent == 7 else ())
    assert table.take(lines["beacon"], 0.0) == lines["echo"]
