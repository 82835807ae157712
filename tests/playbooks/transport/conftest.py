"""One OpenSSH and one dropbear for the tests of a run, and sessions with them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from playbooks.hosts import Host
from playbooks.model import Platform
from playbooks.session import Session
from playbooks.transport.connecting import Patience, connect
from tests.playbooks.transport.servers import Server, dropbear, openssh

QUICK = Patience(connect_s=3.0, handshake_s=10.0, sign_in_s=10.0)


@pytest.fixture(scope="session")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with openssh(tmp_path_factory.mktemp("openssh")) as server:
        yield server


@pytest.fixture(scope="session")
def openwrt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with dropbear(tmp_path_factory.mktemp("dropbear")) as server:
        yield server


@pytest.fixture(scope="session")
def hosts(debian: Server, openwrt: Server) -> dict[Platform, Host]:
    """A device of each platform with a shell."""
    router = replace(openwrt.host(Platform.OPENWRT), host_keys=(openwrt.host_key("dropbear"),))
    return {Platform.DEBIAN: debian.host(), Platform.OPENWRT: router}


@pytest.fixture(params=[Platform.DEBIAN, Platform.OPENWRT])
def session(request: pytest.FixtureRequest, hosts: dict[Platform, Host]) -> Iterator[Session]:
    """A test that asks for it runs on OpenSSH with dash, and on dropbear with busybox."""
    opened = connect(hosts[request.param], QUICK)
    yield opened
    opened.close()
