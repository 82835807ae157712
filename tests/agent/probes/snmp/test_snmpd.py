"""A real snmpd: v2c and v3, restarted, stopped, gone; the agent itself never restarts."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.config import Check
from agent.report import Reading, Verdict
from agent.runner import measure
from tests.agent.probes.snmp.looking import HOST, check
from tests.agent.probes.snmp.simulator import free_port, wait_for

pytestmark = pytest.mark.slow

AUTH, PRIV = "kata sandi satu", "kata sandi dua"
USERS = {
    "sha-aes": {"auth": "sha", "priv": "aes"},
    "sha256-aes": {"auth": "sha256", "priv": "aes"},
    "sha512-aes256": {"auth": "sha512", "priv": "aes256"},
    "md5-des": {"auth": "md5", "priv": "des"},
}
_NAMES = {"aes256": "AES-256", "sha256": "SHA-256", "sha512": "SHA-512"}


class Snmpd:
    """One snmpd on a port of its own; its folder keeps the count of its boots."""

    def __init__(
        self, folder: Path, access: str = "rocommunity public 127.0.0.1", version: int = 2
    ) -> None:
        self.port, self._folder, self._version = free_port(), folder, version
        lines = [f"agentaddress udp:127.0.0.1:{self.port}", access]
        for user, how in USERS.items():
            auth, priv = (_NAMES.get(how[k], how[k].upper()) for k in ("auth", "priv"))
            lines.append(f'createUser {user} {auth} "{AUTH}" {priv} "{PRIV}"')
            lines.append(f"rouser {user} authPriv")
        lines += ["createUser open SHA " + f'"{AUTH}"', "rouser open authNoPriv"]
        (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")
        self.start()

    def start(self) -> None:
        words = ["snmpd", "-f", "-LE", "0", "-C", "-c", str(self._folder / "snmpd.conf")]
        words += ["-I", "-smux", "-M", str(self._folder), "-m", ""]
        program = shutil.which(words[0], path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program, "snmpd is missing: apt-get install snmpd"
        self._process = subprocess.Popen(
            [program, *words[1:]],
            env={"SNMP_PERSISTENT_DIR": str(self._folder / "kept")},
            stderr=subprocess.DEVNULL,
        )
        wait_for(self.port, "public", self._version)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    made = Snmpd(tmp_path_factory.mktemp("snmpd"))
    yield made
    made.stop()


def as_user(snmpd: Snmpd, user: str, **further: Any) -> Check:
    how = {"v3": user, "auth_password": AUTH, "priv_password": PRIV, **USERS.get(user, {})}
    return check(snmpd.port, timeout_s=0.5, **{**how, **further})


WAYS = ["v2c", *USERS]


def way(snmpd: Snmpd, name: str, **further: Any) -> Check:
    if name == "v2c":
        return check(snmpd.port, timeout_s=0.5, **further)
    return as_user(snmpd, name, **further)


def uptime(reading: Reading) -> float:
    value = reading.values[f'ronda_device_uptime_seconds{{device="{HOST}"}}']
    assert value is not None
    return value


@pytest.mark.parametrize("name", WAYS)
def test_it_is_read_in_each_way_it_offers(snmpd: Snmpd, name: str) -> None:
    reading = measure(way(snmpd, name), {})
    assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
    assert reading.values[f'ronda_uplink_link_up{{device="{HOST}",interface="lo"}}'] == 1
    memory = reading.values[f'ronda_device_memory_used_ratio{{device="{HOST}"}}']
    assert memory is not None
    assert 0 < memory < 1


def test_authentication_without_privacy_is_enough_where_the_device_says_so(snmpd: Snmpd) -> None:
    assert measure(as_user(snmpd, "open", priv_password=""), {}).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("user", "further", "why"),
    [
        ("stranger", {}, "knows no user of this name"),
        ("sha-aes", {"auth_password": "tidak benar"}, "authentication is wrong"),
        ("sha-aes", {"auth": "md5"}, "authentication is wrong"),
        ("sha-aes", {"priv_password": "tidak benar"}, "not a word to this user"),
        ("sha-aes", {"priv_password": ""}, "may read nothing"),
        ("open", {}, "does not offer this user"),
    ],
    ids=["no user", "password", "algorithm", "privacy", "no privacy", "too much privacy"],
)
def test_a_refusal_is_not_a_device_that_is_down(
    snmpd: Snmpd, user: str, further: dict[str, Any], why: str
) -> None:
    reading = measure(as_user(snmpd, user, **further), {})
    assert reading.verdict is Verdict.UNKNOWN
    assert why in reading.reason


@pytest.mark.parametrize("name", WAYS)
def test_it_is_down_while_it_is_stopped_and_up_when_it_goes_on(snmpd: Snmpd, name: str) -> None:
    one, memory = way(snmpd, name), dict[str, Any]()
    assert measure(one, memory).verdict is Verdict.GOOD
    snmpd.send(signal.SIGSTOP)
    stopped = measure(one, memory)
    snmpd.send(signal.SIGCONT)
    assert stopped.verdict is Verdict.BAD
    assert stopped.values == {f'ronda_device_up{{device="{HOST}"}}': 0.0}
    assert measure(one, memory).verdict is Verdict.GOOD


@pytest.mark.parametrize("name", WAYS)
def test_it_is_read_on_after_a_restart(snmpd: Snmpd, name: str) -> None:
    """For v3 that is another count of boots, which long-lived sessions never recover from."""
    one, memory = way(snmpd, name), dict[str, Any]()
    before = uptime(measure(one, memory))
    snmpd.stop()
    gone = measure(one, memory)
    snmpd.start()
    after = measure(one, memory)
    assert gone.verdict is Verdict.BAD
    assert after.verdict is Verdict.GOOD
    assert uptime(after) < before + 5
