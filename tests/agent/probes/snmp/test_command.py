"""`ronda-agent probe snmp`: what a technician types and a program reads."""

import json

import pytest

from agent import cli
from tests.agent.probes.snmp.looking import HOST
from tests.agent.probes.snmp.simulator import free_port


def probe(*words: str) -> int:
    return cli.main(["probe", "snmp", "--host", HOST, *words])


def test_a_device_is_told_for_programs(written: int, capsys: pytest.CaptureFixture[str]) -> None:
    code = probe("--port", str(written), "--community", "ros7-sfp", "--profile", "auto", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (code, told["profile"], told["verdict"], told["reason"]) == (0, "mikrotik", "good", "")
    received = f'ronda_uplink_optical_rx_dbm{{device="{HOST}",interface="sfp-sfpplus1"}}'
    assert told["readings"][received] == -21.405
    assert told["unknown"] == [
        f'ronda_uplink_optical_tx_dbm{{device="{HOST}",interface="sfp-sfpplus1"}}'
    ]


def test_a_device_that_is_not_there_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = probe("--port", str(free_port()), "--timeout-s", "0.3", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (code, told["profile"], told["verdict"]) == (1, None, "bad")
    assert told["readings"] == {f'ronda_device_up{{device="{HOST}"}}': 0}


def test_lines_for_people(written: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe("--port", str(written), "--community", "apc-on-test", "--device", "ups") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["snmp", "snmp", "good"]
    assert ['ronda_power_on_mains{ups="ups"}', "1"] in [line.split() for line in lines]


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["--profile", "nix"], "--profile: 'nix' is not one of airos, apc"),
        (["--port", "x"], "--port: expected a number, got 'x'"),
        (["--v3", "noc", "--auth-password", "short"], "--auth_password: must have at least 8"),
        (["--colour", "red"], "--colour: unknown key"),
    ],
    ids=["profile", "port", "password", "key"],
)
def test_wrong_usage_is_one_line(
    words: list[str], refusal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert probe(*words) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"ronda-agent: {refusal}")
    assert told.count("\n") == 1
