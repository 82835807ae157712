"""A way in: the agent's own client signs in to a real sshd, and can do nothing there but that."""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from agent.identity import Home
from agent.strict import Refused
from agent.tunnel import LONGEST_S, Tunnel
from collector import tunnels
from collector.settings import Settings
from tests.sftp_server import PROGRAM, make_key

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {keys}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
AllowTcpForwarding remote
PermitTTY no
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


@dataclass
class Post:
    """The collector as the agent meets it, without the way between."""

    settings: Settings
    agent: int
    asked: list[dict[str, str]]

    def tunnel(self, body: bytes) -> Answer:
        wish = json.loads(body)
        self.asked.append(wish)
        given = tunnels.grant(self.settings, self.agent, wish["key"], time.time())
        return Answer(200, json.dumps(asdict(given)).encode())


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a centre whose sshd reads the lines that it writes."""
    assert PROGRAM.exists(), "OpenSSH is not installed: apt-get install openssh-server"
    folder, port = tmp_path / "sshd", free_port()
    folder.mkdir()
    make_key(folder / "host")
    data = tmp_path / "var"
    keys = data / tunnels.FOLDER / tunnels.KEYS
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    config = folder / "config"
    config.write_text(_CONFIG.format(port=port, folder=folder, keys=keys))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([PROGRAM, "-D", "-e", "-f", config], stderr=log)
    key = " ".join((folder / "host.pub").read_text().split()[:2])
    until_true(lambda: answers(port))
    yield Settings(str(data), tunnel_ssh=f"root@127.0.0.1:{port}", tunnel_host_key=key)
    server.terminate()
    server.wait(10)


@pytest.fixture
def device() -> Iterator[str]:
    """Somewhere in the village: what a device says first when it is dialled."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                line.sendall(b"SSH-2.0-device\r\n")
                line.close()

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        # closing it alone would leave who waits in accept
        listener.shutdown(socket.SHUT_RDWR)
        serving.join(timeout=10)


def until_true(good: Callable[[], bool]) -> None:
    by = time.monotonic() + 10
    while not good():
        assert time.monotonic() < by, "it did not come to be"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            return line.recv(4) == b"SSH-"
    except OSError:
        return False


def free_agent() -> int:
    """A number whose port of the loopback nobody has."""
    return free_port() - Settings().tunnel_ports


@pytest.mark.slow
@pytest.mark.parametrize("client", ["ssh", "dbclient"])
def test_an_agent_opens_the_way_to_its_device_and_ends_it(
    centre: Settings, device: str, tmp_path: Path, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    making = "ssh-keygen" if client == "ssh" else "dropbearkey"
    for name in (client, making):
        found = shutil.which(name)
        assert found, f"{name} is not installed"
        (tools / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tools))
    home = Home(str(tmp_path / "agent"))
    home.make()
    post, way = Post(centre, free_agent(), []), Tunnel(home)
    port = tunnels.port_of(centre, post.agent)
    way.open("router", {"router": device}, post)
    until_true(lambda: answers(port))
    assert way.is_open and post.asked[0]["target"] == "router"
    # asked again while it is open: the same way, no second sign-in
    way.open("router", {"router": device}, post)
    assert len(post.asked) == 1
    late = way._timer
    way.close()
    until_true(lambda: not answers(port))
    assert not way.is_open
    # a timer that fires as it is called off ends its own tunnel, not the next one
    way.open("router", {"router": device}, post)
    assert late is not None
    late.function()
    assert way.is_open
    way.close()


def test_only_what_the_agents_own_configuration_names_is_opened(tmp_path: Path) -> None:
    way = Tunnel(Home(str(tmp_path)))
    post = Post(Settings(str(tmp_path)), 7, [])
    with pytest.raises(Refused, match="no tunnel target"):
        way.open("camera", {"router": "192.168.88.1:22"}, post)
    assert post.asked == []


@pytest.mark.slow
def test_the_key_of_an_agent_can_do_nothing_else_there(centre: Settings, tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    key = " ".join((tmp_path / "key.pub").read_text().split()[:2])
    agent, other = free_agent(), free_port()
    tunnels.grant(centre, agent, key, time.time())
    place = centre.tunnel_ssh.rpartition(":")[2]
    options = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"]
    head = ["ssh", "-F", "/dev/null", "-i", str(tmp_path / "key"), "-p", place, *options]
    strict = ["-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes"]

    def tried(*words: str) -> int:
        command = [*head, *strict, *words]
        return subprocess.run(command, capture_output=True, timeout=20).returncode

    assert tried("root@127.0.0.1", "id") != 0
    assert tried("-N", "-R", f"127.0.0.1:{other}:127.0.0.1:1", "root@127.0.0.1") != 0
    assert tried("-N", "-R", f"0.0.0.0:{agent + 20_000}:127.0.0.1:1", "root@127.0.0.1") != 0


@pytest.mark.slow
def test_a_line_that_is_over_lets_nobody_in_and_goes(centre: Settings, tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    key = " ".join((tmp_path / "key.pub").read_text().split()[:2])
    now = time.time()
    tunnels.let_in(centre.folder, 7, key, 20_007, now - 5, now - 900)
    place = centre.tunnel_ssh.rpartition(":")[2]
    known = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known"]
    command = ["ssh", "-F", "/dev/null", "-i", str(tmp_path / "key"), "-p", place, *known]
    command += ["-o", "BatchMode=yes", "-N", "-R", "127.0.0.1:20007:127.0.0.1:1", "root@127.0.0.1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 255 and "Permission denied" in done.stderr
    tunnels.let_in(centre.folder, 8, key, 20_008, now + 60, now)
    lines = (centre.folder / tunnels.FOLDER / tunnels.KEYS).read_text().splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["ronda-agent-8"]


@pytest.mark.parametrize(
    "key", ["", "ssh-ed25519 x", 'ssh-ed25519 AAAA"\nssh-rsa AAAA', "rm -rf /"]
)
def test_what_is_no_public_key_is_never_written(tmp_path: Path, key: str) -> None:
    settings = Settings(str(tmp_path), tunnel_ssh="t@noc:22", tunnel_host_key="ssh-ed25519 A")
    with pytest.raises(Refused, match="expected a public key"):
        tunnels.grant(settings, 7, key, 0.0)
    assert not (tmp_path / tunnels.FOLDER).exists()


def test_an_agent_beyond_the_last_port_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="port 65536, beyond 65535"):
        tunnels.port_of(Settings(str(tmp_path)), 45_536)


def test_a_tunnel_lasts_a_quarter_of_an_hour_at_most() -> None:
    assert LONGEST_S == tunnels.FOR_S == 900.0
