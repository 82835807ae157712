"""SMS: what a modem's daemon and a provider's gateway take, and in which words."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from agent.strict import Refused
from alerts import gsm7
from alerts.channels import NotifyFailed
from alerts.channels.sms import Gammu, SmsGateway, short
from alerts.ears import _NAME, words_of
from tests.alerts.channels.listener import LOOPBACK, listening, reply

MESSAGE = {"incident": 12, "text": "long", "sms": "APLIKASI sideka Ds Benculuk 09.15. #12"}
NUMBER = "+6281230000001"
TAKEN = "echo 'Written message with ID /spool/OUTC20251124_091500.txtd' >&2"


@contextmanager
def stub(folder: Path, script: str) -> Iterator[str]:
    program = folder / "gammu-smsd-inject"
    program.write_text(f'#!/bin/sh\necho "$@" > {folder}/words\ncat > {folder}/text\n{script}\n')
    program.chmod(0o755)
    yield str(program)


def test_the_daemon_gets_the_short_form_by_its_input(tmp_path: Path) -> None:
    with stub(tmp_path, TAKEN) as program:
        answer = Gammu("/etc/x", program=program).send(NUMBER, MESSAGE)
    assert answer == "queued as OUTC20251124_091500.txtd"
    assert (tmp_path / "words").read_text().startswith("-c /etc/x TEXT +6281230000001 ")
    assert "APLIKASI" not in (tmp_path / "words").read_text()
    assert (tmp_path / "text").read_text() == MESSAGE["sms"]


@pytest.mark.parametrize(
    ("script", "permanent", "words"),
    [
        ("echo 'Failed to read config' >&2; exit 2", False, "gammu-smsd-inject: Failed to read"),
        ("echo hm", False, "gammu-smsd-inject did not say that it took it"),
        ("exec sleep 30", False, "did not end in time"),
    ],
)
def test_a_daemon_that_does_not_take_it(
    tmp_path: Path, script: str, permanent: bool, words: str
) -> None:
    with stub(tmp_path, script) as program, pytest.raises(NotifyFailed) as failed:
        Gammu(program=program, limit_s=0.5).send(NUMBER, MESSAGE)
    assert words in failed.value.reason and failed.value.permanent is permanent


def test_a_daemon_that_is_not_there_fails_for_good() -> None:
    with pytest.raises(NotifyFailed, match="is not installed") as failed:
        Gammu(program="/nowhere/gammu").send(NUMBER, MESSAGE)
    assert failed.value.permanent


def test_messages_that_stay_in_the_queue_are_seen(tmp_path: Path) -> None:
    (tmp_path / "OUT1").write_text("x")
    now = (tmp_path / "OUT1").stat().st_mtime
    assert Gammu(outbox=str(tmp_path), clock=lambda: now + 30).look().fine
    stuck = Gammu(outbox=str(tmp_path), clock=lambda: now + 700).look()
    assert not stuck.fine and "1 messages wait" in stuck.says
    with pytest.raises(NotifyFailed, match="No such file"):
        Gammu(outbox=str(tmp_path / "gone")).look()


def gateway(url: str, **more: Any) -> SmsGateway:
    given: dict[str, Any] = {"form": {"to": "{number}", "msg": "{text}"}, "taken": "^0|OK"}
    return SmsGateway(url, **{**given, **more}, web=LOOPBACK)


def test_a_gateway_gets_a_form() -> None:
    with listening(reply(200, "OK id=5")) as there:
        assert gateway(there.base + "/send").send(NUMBER, MESSAGE) == "200 OK id=5"
    form = parse_qs(there.heard[0].partition(b"\r\n\r\n")[2].decode())
    assert form == {"to": ["6281230000001"], "msg": [MESSAGE["sms"]]}


def test_a_gateway_gets_an_address_and_json() -> None:
    with listening(reply(200, "OK")) as there:
        url = there.base + "/send?to={target}&text={text}"
        gateway(url, method="GET", form={}).send(NUMBER, {"sms": "a&b {number} #1"})
        gateway(there.base, form={}, json={"m": "{text}"}).send(NUMBER, MESSAGE)
    line = there.heard[0].split(b"\r\n")[0].decode()
    assert unquote(line.split()[1]) == "/send?to=+6281230000001&text=a&b (number) #1"
    assert b'{"m": "APLIKASI' in there.heard[1]


@pytest.mark.parametrize(
    ("answer", "permanent", "words"),
    [
        (reply(200, "ERR 101 no credit"), True, "200, but it says ERR 101"),
        (reply(200, "ERR 7 busy"), False, "200, but it says ERR 7"),
        (reply(200, "<html>login"), False, "200, but it does not say that it took it"),
        (reply(403, "key"), True, "403 key"),
        (reply(429, "slow", "Retry-After: 60\r\n"), False, "429 slow"),
        (reply(500), False, "500"),
    ],
)
def test_a_gateway_that_refuses(answer: bytes, permanent: bool, words: str) -> None:
    with listening(answer) as there, pytest.raises(NotifyFailed) as failed:
        gateway(there.base, refused="^ERR", final="101|102").send(NUMBER, MESSAGE)
    assert failed.value.reason.startswith(words) and failed.value.permanent is permanent


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "gateway"}, "url: not an http or https address"),
        ({"method": "PUT"}, "method: expected POST or GET"),
        ({"form": {"to": "{number}"}}, "url: {text} stands neither"),
        ({"json": {"a": "{text}"}}, "json: form and json exclude each other"),
        ({"taken": "("}, "taken: not a pattern"),
    ],
)
def test_a_gateway_that_cannot_be_used_is_refused(wrong: dict[str, Any], words: str) -> None:
    url = str(wrong.pop("url", "http://sms.test/"))
    with pytest.raises(Refused) as refused:
        gateway(url, **wrong).check()
    assert str(refused.value).startswith(words)


def test_whatever_the_text_one_message_goes_out() -> None:
    assert gsm7.fits(short({"text": "é" * 500 + "— 😀 [x]"}))


@pytest.mark.slow
def test_the_real_daemon_takes_a_message_and_sends_it(tmp_path: Path) -> None:
    """gammu-smsd with its files backend and gammu's own dummy phone."""
    for name in ("inbox", "outbox", "sent", "error", "phone"):
        (tmp_path / name).mkdir()
    config = tmp_path / "smsdrc"
    paths = [f"{n}path = {tmp_path}/{n}/" for n in ("inbox", "outbox", "error")]
    config.write_text(
        f"[gammu]\ndevice = {tmp_path}/phone\nconnection = none\nmodel = dummy\n"
        f"[smsd]\nservice = files\nlogfile = {tmp_path}/log\n"
        + "\n".join(paths)
        + f"\nsentsmspath = {tmp_path}/sent/\nCommTimeout = 1\nLoopSleep = 1\nStatusFrequency = 1\n"
    )
    channel = Gammu(str(config), str(tmp_path / "outbox"))
    answer = channel.send(NUMBER, MESSAGE)
    queued = list((tmp_path / "outbox").iterdir())
    assert answer == f"queued as {queued[0].name}"
    assert "6281230000001" in queued[0].name + queued[0].read_text(errors="replace")
    assert channel.look().says == "1 messages in the queue"
    environment = {**os.environ, "HOME": str(tmp_path)}
    daemon = subprocess.Popen(["gammu-smsd", "-c", str(config)], env=environment)
    try:
        deadline = time.monotonic() + 30
        while not list((tmp_path / "sent").iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        daemon.terminate()
        daemon.wait(20)
    sent = list((tmp_path / "sent").iterdir())
    assert len(sent) == 1, (tmp_path / "log").read_text()
    assert not list((tmp_path / "outbox").iterdir()) and not list((tmp_path / "error").iterdir())


@pytest.mark.slow
def test_the_real_daemon_puts_what_came_in_where_we_hear_it(tmp_path: Path) -> None:
    """An SMS in the dummy phone's SIM becomes a file of the inbox, with sender and words."""
    for name in ("inbox", "outbox", "sent", "error", "phone"):
        (tmp_path / name).mkdir()
    for number in range(1, 6):
        (tmp_path / "phone" / "sms" / str(number)).mkdir(parents=True)
    (tmp_path / "phone" / "sms" / "1" / "1").write_text(BACKUP)
    config = tmp_path / "smsdrc"
    config.write_text(
        f"[gammu]\ndevice = {tmp_path}/phone\nconnection = none\nmodel = dummy\n"
        f"[smsd]\nservice = files\nlogfile = {tmp_path}/log\ninboxpath = {tmp_path}/inbox/\n"
        f"outboxpath = {tmp_path}/outbox/\nsentsmspath = {tmp_path}/sent/\n"
        f"errorsmspath = {tmp_path}/error/\nCommTimeout = 1\nLoopSleep = 1\nReceiveFrequency = 0\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    daemon = subprocess.Popen(["gammu-smsd", "-c", str(config)], env=environment)
    try:
        deadline = time.monotonic() + 30
        while not list((tmp_path / "inbox").iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(0.5)
    finally:
        daemon.terminate()
        daemon.wait(20)
    found = list((tmp_path / "inbox").iterdir())
    assert len(found) == 1, (tmp_path / "log").read_text()
    name = _NAME.fullmatch(found[0].name)
    assert name is not None, found[0].name
    assert (name["sender"], words_of(found[0]).strip()) == ("+6281230000001", "OK 4821")


BACKUP = f"""[SMSBackup000]
SMSC = "+628110000000"
State = UnRead
Number = "+6281230000001"
Sent = 20261128T214159
Coding = Default_No_Compression
Folder = 1
Length = 7
Text00 = {"OK 4821".encode("utf-16-be").hex().upper()}
Class = -1
"""
