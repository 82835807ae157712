"""A sender with everything around it that is real but the clock and the dice."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path

from agent.clock import Clock
from agent.config import Config
from agent.identity import Home, Identity
from agent.orders import Orders
from agent.post import Post
from agent.sender import Sender
from agent.spool import Spool
from tests.agent.fake_collector import FakeCollector

NAMES = ("ronda_host_load1", "ronda_uplink_dns_up")


@dataclass
class Bench:
    """`now` moves by hand, `dice` is what chance gives."""

    sender: Sender
    spool: Spool
    home: Home
    post: Post
    orders: Orders
    clock: Clock
    now: list[float]
    dice: list[float]
    used: list[Config] = field(default_factory=list)
    probed: list[int] = field(default_factory=list)

    def frame(self, names: tuple[str, ...] = NAMES) -> int:
        values = array("d", [1.0] * len(names))
        layout = "L" + str(len(names))
        return self.spool.append_frame(
            self.now[0], self.clock.wall(), self.clock.up(), layout, names, values
        )

    def finding(self, check: str = "app") -> int:
        news = (self.clock.wall(), self.clock.up(), check, "bad", "HTTP 502 from the app")
        (n,) = self.spool.append_findings(self.now[0], [news])
        return n

    def work(self, until_s: float = 0.0) -> None:
        """Everything that is due within so many seconds from now."""
        end = self.now[0] + until_s
        for _ in range(500):
            due = self.sender.step()
            if due == float("inf") or due > end:
                break
            self.now[0] = max(self.now[0], due)
        else:
            raise AssertionError("the sender never comes to rest")
        self.now[0] = end


def bench(folder: Path, collector: FakeCollector, identity: Identity | None = None) -> Bench:
    home = Home(str(folder / "home"))
    home.make()
    clock = Clock()
    home.keep_identity(identity or Identity(url=collector.url, agent="7", token="token-1"))
    kept = home.identity()
    assert kept is not None
    spool = Spool(home.path("spool"), clock.boot)
    post = Post(home, kept, clock)
    now, dice = [1000.0], [0.5]
    used: list[Config] = []
    probed: list[int] = []
    orders = Orders(home, {"url": collector.url}, used.append, lambda: probed.append(1))
    orders.etag = "c1"
    sender = Sender(post, spool, clock, orders, lambda: now[0], lambda: dice[0])
    return Bench(sender, spool, home, post, orders, clock, now, dice, used, probed)
