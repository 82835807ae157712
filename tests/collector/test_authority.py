"""A certificate authority of our own: agents verify it, its leaf is renewed, its keys are kept."""

import os
import socket
import ssl
import stat
import threading
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from agent.enrol import fingerprint_of
from agent.strict import Refused
from collector.authority import FOLDER, Served, code_suffix, ensure_ca, with_own_ca
from collector.settings import Settings

NOW = 1_790_000_000.0
DAY_S = 86400
HOSTS = ["127.0.0.1", "noc.banyuwangi.example", "::1"]


def test_a_client_that_pins_the_ca_trusts_the_server(tmp_path: Path) -> None:
    # the machine's own clock, because OpenSSL asks it
    served = ensure_ca(tmp_path / "tls", HOSTS, os.stat(tmp_path).st_mtime)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(served.cert, served.key)
    client = ssl.create_default_context(cadata=served.ca_pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        accepted, _ = listener.accept()
        with server.wrap_socket(accepted, server_side=True) as secure:
            secure.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    with (
        socket.create_connection(listener.getsockname()) as plain,
        client.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        assert secure.recv(5) == b"hello"
    thread.join()
    listener.close()


def test_the_fingerprint_is_the_one_an_agent_looks_for(tmp_path: Path) -> None:
    served = ensure_ca(tmp_path / FOLDER, HOSTS, NOW)
    shown = served.cert.read_text().partition("-----END CERTIFICATE-----\n")[2]
    assert shown == served.ca_pem
    assert served.fingerprint == fingerprint_of(ssl.PEM_cert_to_DER_cert(served.ca_pem))
    assert code_suffix(Settings(data=str(tmp_path))) == f".{served.fingerprint}"
    own = Settings(data=str(tmp_path), cert=str(served.cert), key=str(served.key))
    assert code_suffix(own) == f".{served.fingerprint}"
    assert code_suffix(Settings(data=str(tmp_path), cert="/etc/ssl/a.pem", key="k")) == ""
    assert code_suffix(Settings(data=str(tmp_path / "elsewhere"))) == ""


def test_each_machine_of_a_centre_shows_a_certificate_for_every_way_in(tmp_path: Path) -> None:
    ways = Settings(
        data=str(tmp_path),
        own_ca=True,
        ingest="0.0.0.0:8090",
        ingest_url="https://pusat1.example.id:8090",
        ingest_also=("https://pusat2.example.id:8090", "https://203.0.113.7:8090"),
    )
    served = x509.load_pem_x509_certificate(Path(with_own_ca(ways, NOW).cert).read_bytes())
    names = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"pusat1.example.id", "pusat2.example.id"} < set(names.get_values_for_type(x509.DNSName))
    assert ip_address("203.0.113.7") in names.get_values_for_type(x509.IPAddress)


def test_everything_is_for_its_owner_only(tmp_path: Path) -> None:
    ensure_ca(tmp_path / "tls", HOSTS, NOW)
    for path in (tmp_path / "tls").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def leaf(served: Served) -> bytes:
    return served.cert.read_bytes()


@pytest.mark.parametrize(
    ("days", "hosts", "renewed"),
    [
        (0, HOSTS, False),
        (334, HOSTS, False),
        (336, HOSTS, True),
        (400, HOSTS, True),
        (1, [*HOSTS, "10.0.0.1"], True),
        (1, HOSTS[::-1], False),
    ],
)
def test_a_leaf_is_renewed_in_time_under_the_same_ca(
    tmp_path: Path, days: int, hosts: list[str], renewed: bool
) -> None:
    first = ensure_ca(tmp_path, HOSTS, NOW)
    before = leaf(first)
    second = ensure_ca(tmp_path, hosts, NOW + days * DAY_S)
    assert (leaf(second) != before) is renewed
    assert second.fingerprint == first.fingerprint


def test_a_lost_leaf_is_made_again_and_a_lost_ca_key_is_refused(tmp_path: Path) -> None:
    first = ensure_ca(tmp_path, HOSTS, NOW)
    first.key.write_bytes(b"")
    assert ensure_ca(tmp_path, HOSTS, NOW).fingerprint == first.fingerprint
    (tmp_path / "ca.key").unlink()
    with pytest.raises(Refused, match=r"ca\.pem: the certificate or its key is damaged"):
        ensure_ca(tmp_path, HOSTS, NOW)
