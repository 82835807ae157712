"""An agent that woke up in 1970 reports over TLS all the same."""

import ssl
from pathlib import Path

import pytest

from agent.clock import BUILT, Clock
from agent.identity import Home, Identity
from agent.post import Post
from agent.wire import CertificateRefused
from tests.agent.fake_collector import FakeCollector, collector
from tests.agent.servers import Authority


def fake_proc(root: Path, uptime: str = "123.45 400.00\n") -> Path:
    (root / "proc/sys/kernel/random").mkdir(parents=True)
    (root / "proc/uptime").write_text(uptime)
    boot = root / "proc/sys/kernel/random/boot_id"
    boot.write_text("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n")
    return root


def test_uptime_and_boot_are_those_of_the_root(tmp_path: Path) -> None:
    clock = Clock(str(fake_proc(tmp_path)))
    assert (clock.up(), clock.boot) == (123.45, "0a1b2c3d4e5f")


def test_without_proc_every_start_is_a_boot(tmp_path: Path) -> None:
    one, two = Clock(str(tmp_path)), Clock(str(tmp_path))
    assert one.boot != two.boot
    assert one.up() <= one.up()


@pytest.mark.parametrize(
    ("wall", "learned", "count"),
    [
        pytest.param(86400.0, 0.0, False, id="1970"),
        pytest.param(BUILT - 1, 0.0, False, id="before this release"),
        pytest.param(BUILT + 5, 0.0, True, id="plausible"),
        pytest.param(BUILT + 5, BUILT + 9e6, False, id="before the collector's last word"),
        pytest.param(BUILT + 9e6, BUILT + 5, True, id="after it"),
    ],
)
def test_dates_count_when_the_clock_may_be_right(wall: float, learned: float, count: bool) -> None:
    clock = Clock("/", lambda: wall)
    clock.learned = learned
    assert clock.dates_count() is count


def post(folder: Path, fake: FakeCollector, authority: Authority, wall: float) -> Post:
    identity = Identity(url=fake.url, agent="7", token="token-1", ca=authority.pem)
    home = Home(str(folder / "home"))
    home.make()
    return Post(home, identity, Clock("/", lambda: wall))


@pytest.mark.parametrize(
    ("wall", "begins_d", "ends_d", "reached"),
    [
        pytest.param(3600.0, -1, 30, True, id="1970, good certificate"),
        pytest.param(3600.0, -60, -30, True, id="1970, dates are not looked at"),
        pytest.param(BUILT + 1, -1, 30, True, id="right clock, good certificate"),
        pytest.param(BUILT + 1, -60, -30, False, id="right clock, expired certificate"),
        pytest.param(BUILT + 1, 30, 60, False, id="right clock, not yet valid"),
    ],
)
def test_only_a_wrong_clock_passes_over_dates(
    tmp_path: Path, wall: float, begins_d: float, ends_d: float, reached: bool
) -> None:
    authority = Authority()
    context = authority.context(tmp_path, begins_d, ends_d)
    with collector(context) as fake:
        agent = post(tmp_path, fake, authority, wall)
        if reached:
            assert agent.config({}).status == 200
        else:
            with pytest.raises(CertificateRefused):
                agent.config({})
        agent.close()


def test_even_in_1970_only_the_pinned_ca_counts(tmp_path: Path) -> None:
    context = Authority().context(tmp_path)
    with collector(context) as fake:
        agent = post(tmp_path, fake, Authority(), 3600.0)
        with pytest.raises(CertificateRefused):
            agent.config({})
        agent.close()
    assert isinstance(context, ssl.SSLContext)
    assert fake.requests == []
