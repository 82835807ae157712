"""Nothing secret is to be read by others: not in the list of processes, not in logs or reasons."""

import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from playbooks.hosts import Host
from playbooks.model import Platform
from playbooks.session import Unreachable
from playbooks.transport.connecting import connect
from tests.playbooks.transport.conftest import QUICK
from tests.playbooks.transport.servers import PASSWORD, Server

pytestmark = pytest.mark.slow

SECRET = "sandi-wifi-9183"


def processes() -> str:
    """Arguments and surroundings of every process, as root sees them."""
    seen = ""
    for path in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                seen += (path / name).read_bytes().decode(errors="replace") + "\n"
            except OSError:
                continue
    return seen


@pytest.mark.parametrize("platform", [Platform.DEBIAN, Platform.OPENWRT])
def test_a_secret_stands_in_no_list_of_processes(
    hosts: dict[Platform, Host], tmp_path: Path, platform: Platform
) -> None:
    session = connect(hosts[platform], QUICK)
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    # printf is the shell's own: a program would be given it as an argument
    text = f"printf '%s' {SECRET} > {tmp_path}/kept; touch {begun}\n"
    text += f"until test -e {go_on}; do sleep 0.05; done; cat {tmp_path}/kept"
    seen: list[str] = []

    def look() -> None:
        # a session that fails before it begins leaves nobody here who looks on for ever
        by = time.monotonic() + 30
        while not begun.exists() and time.monotonic() < by:
            time.sleep(0.01)
        seen.append(processes())
        go_on.touch()

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    assert session.run(text, 20).text == SECRET
    watching.join(timeout=10)
    session.close()
    assert "_ronda_mark" in seen[0]
    for secret in (SECRET, *hosts[platform].login.key.splitlines()[1:-1]):
        assert secret not in seen[0]


def test_a_secret_stands_in_no_log_and_no_reason(
    debian: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        session = connect(debian.by_password(), QUICK)
        session.run(f"echo {SECRET}", 10)
        reasons = []
        for limit_s in (0.2, 0.0):
            with pytest.raises(Unreachable) as error:
                session.run(f"sleep 9; echo {SECRET}", limit_s)
            reasons.append(error.value.reason)
        session.close()
        with pytest.raises(Unreachable) as error:
            connect(replace(debian.by_password("salah-sandi"), host_keys=()), QUICK)
        reasons.append(error.value.reason)
    told = caplog.text + "\n".join(reasons)
    for secret in (SECRET, PASSWORD, "salah-sandi"):
        assert secret not in told


def test_a_login_is_not_shown_with_a_host(debian: Server) -> None:
    shown = repr(replace(debian.by_password(), login=replace(debian.host().login, password="x9y8")))
    assert "x9y8" not in shown
    assert "PRIVATE KEY" not in shown
