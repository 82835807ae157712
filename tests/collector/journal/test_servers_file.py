"""The servers' file that we give along is taken, speaks TLS, and lets in who has the password."""

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from agent.strict import Refused
from collector.authority import ensure_ca
from collector.journal.protocol import JournalFailed
from tests import nats
from tests.collector.journal.test_both import entries, payloads, read_all

ROOT = Path(__file__).parents[3]
FILE, GUIDE = ROOT / "deploy" / "cluster" / "nats.conf", ROOT / "docs" / "cluster.md"

pytestmark = pytest.mark.slow


def adapted(node: nats.Node, folder: Path, password: str) -> str:
    """The file, with addresses, certificate and password of this test."""
    served = ensure_ca(folder / "tls", ["127.0.0.1"], time.time())
    given = {
        "0.0.0.0:4222": f"127.0.0.1:{node.client}",
        "0.0.0.0:8222": f"127.0.0.1:{node.monitor}",
        "/var/lib/nats": f"{node.folder}/data",
        "50GB": "1GB",
        "/etc/nats/cert.pem": str(served.cert),
        "/etc/nats/key.pem": str(served.key),
        "/etc/nats/ca.pem": str(folder / "tls" / "ca.pem"),
    }
    text = FILE.read_text()
    for old, new in given.items():
        assert old in text
        text = text.replace(old, new)
    fit = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    text = re.sub(r'password: ".*"', lambda _: f'password: "{fit}"', text)
    # Debian 12's server knows no such word
    return text if nats.syncs_always() else text.replace("sync_interval: always", "")


def test_it_is_taken_as_it_is(tmp_path: Path) -> None:
    node = nats.Node(tmp_path / "n1", "n1")
    node.use(adapted(node, tmp_path, "sesame-open"))
    tried = ["nats-server", "-t", "-c", str(node.folder / "conf")]
    done = subprocess.run(tried, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_who_has_the_password_writes_over_tls_and_nobody_else(
    tmp_path: Path, make_stream: Callable[..., Any]
) -> None:
    with nats.running() as (node,):
        node.kill()
        # a server by itself: the others of the file are not here
        alone = adapted(node, tmp_path, "sesame-open").partition("\ncluster {")[0]
        node.use(f'{alone}\npid_file: "{node.folder}/pid"\nlog_file: "{node.folder}/log"\n')
        node.start().wait()
        secret = tmp_path / "password"
        secret.write_text("sesame-open\n")
        secret.chmod(0o600)
        wanted = {
            "journal": (f"tls://127.0.0.1:{node.client}",),
            "journal_user": "ronda",
            "journal_password_file": str(secret),
            "journal_ca": str(tmp_path / "tls" / "ca.pem"),
        }
        journal = make_stream(**wanted)
        assert journal.writer().append(entries(1))
        assert payloads(read_all(journal.reader())) == [b"payload 0"]
        refused(make_stream(**{**wanted, "journal": (node.url,)}))
        # whose certificate nobody here knows
        refused(make_stream(**{**wanted, "journal_ca": ""}))
        secret.write_text("sesame-shut\n")
        refused(make_stream(**wanted), "(?i)authorization")
        secret.chmod(0o644)
        with pytest.raises(Refused, match="chmod 600"):
            make_stream(**wanted).writer()


def test_three_of_them_with_the_certificates_of_the_guide_find_each_other(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    with nats.running(3) as servers:
        # the routes among these servers, which the cluster of the file comes to
        given = re.findall(r'"nats://(127[\d.]+:\d+)"', (servers[0].folder / "conf").read_text())
        for number, node in enumerate(servers):
            node.kill()
            node.use(among(node, tmp_path, number, given))
        for node in servers:
            node.start()
        # well is who has found the others and knows who leads
        for node in servers:
            node.wait()
            assert len(nats_routes(node)) >= 2


def make_certificates(folder: Path) -> None:
    """By what the guide says, for the address that the servers of a test have."""
    (told,) = re.findall(r"^   (openssl .*?)^   ```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    told = told.replace("DNS:$name.example.id", "IP:127.0.0.1")
    subprocess.run(["sh", "-ec", told], cwd=folder, check=True, capture_output=True)


def among(node: nats.Node, folder: Path, number: int, routes: list[str]) -> str:
    """The settings of one of three, with its own certificate."""
    text, own = adapted(node, folder, "sesame-open"), folder / f"journal{number + 1}"
    tls = folder / "tls"
    given = {
        "server_name: journal1": f"server_name: {own.name}",
        "0.0.0.0:6222": routes[number],
        str(tls / "ingest.pem"): f"{own}.pem",
        str(tls / "ingest.key"): f"{own}.key",
        str(tls / "ca.pem"): str(folder / "ca.pem"),
        **{f"journal{n}.example.id:6222": route for n, route in enumerate(routes, 1)},
    }
    for old, new in given.items():
        assert old in text
        text = text.replace(old, new)
    return f'{text}\npid_file: "{node.folder}/pid"\nlog_file: "{node.folder}/log"\n'


def nats_routes(node: nats.Node) -> list[Any]:
    with urllib.request.urlopen(f"{node.monitor_url}/routez", timeout=5) as page:
        return list(json.load(page)["routes"])


def refused(journal: Any, why: str = "127.0.0.1") -> None:
    with pytest.raises(JournalFailed, match=why) as said:
        journal.writer().append(entries(1))
    assert "sesame" not in str(said.value)
