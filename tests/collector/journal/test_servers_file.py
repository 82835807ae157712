"""The servers' file that we give along is taken, speaks TLS, and lets in who has the password."""

import re
import subprocess
import time
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

FILE = Path(__file__).parents[3] / "deploy" / "cluster" / "nats.conf"

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


def refused(journal: Any, why: str = "127.0.0.1") -> None:
    with pytest.raises(JournalFailed, match=why) as said:
        journal.writer().append(entries(1))
    assert "sesame" not in str(said.value)
