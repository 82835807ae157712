"""The table of probes: every kind can be had, and an agent pays only for what it uses."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path

import pytest

from agent.probes import PROBES, load
from agent.strict import Refused
from tests.each import for_each

ROOT = Path(__file__).parents[3]
LEAST = {
    "ping": {"host": "127.0.0.1"},
    "tcp": {"host": "127.0.0.1", "port": 1},
    "http": {"url": "http://127.0.0.1/"},
    "service": {"process": "init"},
    "snmp": {"host": "127.0.0.1"},
    "routeros": {"host": "127.0.0.1"},
    **dict.fromkeys(("tls", "smtp", "imap"), {"host": "127.0.0.1"}),
    **dict.fromkeys(("domain", "mail_domain"), {"domain": "desa.id"}),
    **dict.fromkeys(
        ("web", "defaced", "opensid", "sideka", "nextcloud", "webdav"), {"url": "http://127.0.0.1/"}
    ),
    "docker": {"container": "awan"},
    "backup_age": {"path": "/backup"},
}


@for_each("kind", PROBES)
def test_a_kind_has_frozen_settings_a_name_and_a_limit(kind: str) -> None:
    probe_class = load(kind)
    assert is_dataclass(probe_class)
    assert fields(probe_class)[0].name == "name"
    probe = probe_class(name="x", **LEAST.get(kind, {}))
    assert 0 < probe.limit_s <= 61
    with pytest.raises(FrozenInstanceError):
        probe.__setattr__("name", "y")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match="kind: 'nmap' is not one of ping, dns, tcp"):
        load("nmap")


@pytest.mark.slow
@for_each(
    ("kind", "spared"),
    [
        ("link", {"ssl", "subprocess", "agent.wire", "json", "agent.probes.ping"}),
        ("host", {"ssl", "subprocess", "agent.wire", "json"}),
        ("snmp", {"ssl", "subprocess", "json", "asyncio", "pysnmp", "pyasn1", "tomllib"}),
        ("wifi", {"ssl", "subprocess", "agent.wire", "pathlib", "urllib.parse"}),
        ("routeros", {"ssl", "subprocess", "urllib.parse", "http.client"}),
        ("power", {"ssl", "subprocess", "json"}),
        ("dns", {"subprocess", "ssl", "encodings.idna"}),
        ("opensid", {"ssl", "subprocess", "html", "urllib.parse", "json"}),
        ("smtp", {"ssl", "subprocess", "smtplib", "email", "json"}),
        ("mysql", {"ssl", "subprocess", "json"}),
        ("mail_domain", {"ssl", "subprocess", "json", "encodings.idna"}),
        ("backup_age", {"ssl", "subprocess", "json"}),
        ("http", {"ssl", "subprocess", "http.client", "urllib.request", "email", "pathlib"}),
    ],
)
def test_loading_one_kind_brings_no_more_than_it_needs(kind: str, spared: set[str]) -> None:
    script = f"import sys, agent.probes as p; p.load({kind!r}); print(*sys.modules)"
    command = [sys.executable, "-S", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert not spared & set(done.stdout.split())
