"""Services: the words of systemctl and ubus, stubs of both, and real processes."""

import os
import subprocess
from pathlib import Path

import pytest

from agent.probes.service import Service, is_process, judge_systemd, read_ubus
from agent.probes.system import Output
from agent.report import ProbeFailed, Verdict
from agent.strict import Refused, build
from tests.agent.probes.stubs import put_on_path, put_tree


def told(load: str, active: str, sub: str, result: str = "success") -> str:
    return f"Result={result}\nLoadState={load}\nActiveState={active}\nSubState={sub}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(told("loaded", "active", "running"), "", id="runs"),
        pytest.param(told("loaded", "reloading", "reload"), "", id="reloads"),
        pytest.param(told("loaded", "inactive", "dead"), "nginx is inactive", id="stopped"),
        pytest.param(told("loaded", "activating", "start"), "nginx is activating", id="starting"),
        pytest.param(
            told("loaded", "failed", "failed", "oom-kill"), "nginx failed (oom-kill)", id="failed"
        ),
        pytest.param(
            told("loaded", "activating", "auto-restart", "exit-code"),
            "nginx fails and is started over and over (exit-code)",
            id="restart loop",
        ),
        pytest.param(
            told("not-found", "inactive", "dead"), "no service nginx on this machine", id="none"
        ),
    ],
)
def test_systemd_is_understood(text: str, why: str) -> None:
    assert judge_systemd(Output(0, text, ""), "nginx") == why


def test_a_systemctl_that_cannot_look_is_no_news() -> None:
    error = "System has not been booted with systemd as init system"
    with pytest.raises(ProbeFailed, match="not been booted"):
        judge_systemd(Output(1, "", error), "nginx")
    with pytest.raises(ProbeFailed, match="no answer"):
        judge_systemd(Output(-1, "", "", late=True), "nginx")


@pytest.mark.parametrize(
    ("output", "running"),
    [
        (Output(0, '{"dnsmasq":{"instances":{"a":{"running":true,"pid":7}}}}', ""), True),
        (Output(0, '{"dnsmasq":{"instances":{"a":{"running":false}}}}', ""), False),
        (Output(0, '{"dnsmasq":{}}', ""), None),
        (Output(0, "{}", ""), None),
        (Output(4, "", "Command failed"), None),
    ],
    ids=["runs", "stopped", "no instance", "not listed", "refused"],
)
def test_procd_is_understood(output: Output, running: bool | None) -> None:
    assert read_ubus(output, "dnsmasq") is running


def test_a_ubus_that_talks_nonsense_is_no_news() -> None:
    with pytest.raises(ProbeFailed, match="cannot be read"):
        read_ubus(Output(0, "[1]", ""), "dnsmasq")


def test_systemd_is_asked_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_tree(tmp_path, monkeypatch, {"/run/systemd/system/x": ""})
    script = f"""test "$4" = nginx.service || exit 9
cat <<'END'
{told("loaded", "failed", "failed", "exit-code")}END"""
    put_on_path(tmp_path, monkeypatch, systemctl=script)
    reading = Service("web", unit="nginx.service").measure({})
    assert reading.verdict is Verdict.BAD
    assert reading.reason == "nginx.service failed (exit-code)"


def test_procd_is_asked_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = put_tree(
        tmp_path,
        monkeypatch,
        {"/sbin/procd": "", "/etc/init.d/old": "#!/bin/sh\ntest $1 = running\n"},
    )
    (root / "etc/init.d/old").chmod(0o755)
    alive = '{"uhttpd":{"instances":{"a":{"running":true}}}}'
    put_on_path(tmp_path, monkeypatch, ubus=f"echo '{alive}'")
    assert Service("web", unit="uhttpd").measure({}).verdict is Verdict.GOOD
    assert Service("web", unit="old").measure({}).verdict is Verdict.GOOD
    reading = Service("web", unit="gone").measure({})
    assert (reading.verdict, reading.reason) == (Verdict.BAD, "no service gone on this machine")
    (root / "etc/init.d/old").write_text("#!/bin/sh\nexit 1\n")
    assert Service("web", unit="old").measure({}).reason == "old does not run"


def test_without_a_manager_of_services_a_process_must_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_tree(tmp_path, monkeypatch, {"/etc/x": ""})
    with pytest.raises(ProbeFailed, match="name a process instead"):
        Service("web", unit="nginx").measure({})


def test_a_process_is_found_until_it_ends(tmp_path: Path) -> None:
    program = tmp_path / "opensid-queue-worker"
    os.symlink("/bin/sleep", program)
    probe = Service("worker", process="opensid-queue-worker")
    memory: dict[str, object] = {}
    with subprocess.Popen([str(program), "60"]) as worker:
        try:
            assert probe.measure(memory).verdict is Verdict.GOOD
            assert memory["pid"] == str(worker.pid)
            assert probe.measure(memory).verdict is Verdict.GOOD
            assert Service("worker", process="opensid-queue-w").measure({}).verdict is Verdict.GOOD
            assert Service("worker", process="opensid-queue-x").measure({}).verdict is Verdict.BAD
        finally:
            worker.kill()
    reading = probe.measure(memory)
    assert reading.reason == "no process opensid-queue-worker"
    assert "pid" not in memory


@pytest.mark.parametrize(
    ("stat", "name", "is_it"),
    [
        ("7 (nginx) S 1 7", "nginx", True),
        ("7 (tmux: server) S 1", "tmux: server", True),
        ("7 (a) b) R 1", "a) b", True),
        ("7 (nginx) Z 1 7", "nginx", False),
        ("7 (nginx) S 1 7", "ngin", False),
        ("", "nginx", False),
    ],
)
def test_a_process_is_known_by_its_name_and_alive(stat: str, name: str, is_it: bool) -> None:
    assert is_process(stat, name) is is_it


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({}, "unit: name either"),
        ({"unit": "a", "process": "b"}, "unit: name either"),
        ({"unit": "../x"}, "unit: not a unit"),
        ({"unit": "a;b"}, "unit: not a unit"),
        ({"unit": "-x"}, "unit: not a unit"),
        ({"process": "/bin/sh"}, "process: not the name"),
        ({"unit": "a", "manager": "openrc"}, "manager: 'openrc' is not one of"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Service, {"name": "web", **table})
