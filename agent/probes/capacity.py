"""What does a line carry, beside what is paid for? Measured in quiet hours, in bounded bytes.

Each round looks at the clock and at the counters; few of them measure. A line that costs by the
byte is never measured, whoever asks.
"""

from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, ClassVar

from agent import around
from agent.around import Around
from agent.probes import limits, nights
from agent.probes.flow import Busy, Way, download, pieces, upload
from agent.probes.nightbook import Keep
from agent.probes.nights import Book, Hours, Sample, Step, read_hours
from agent.probes.system import default_route, read_or, traffic
from agent.report import ProbeFailed, Reading, Verdict, parse_series, series
from agent.strict import Refused
from agent.wire import WireError

DOWN, UP = "/api/v1/capacity", "/api/v1/capacity/up"
_RATE = "ronda_uplink_measured_bits_per_second"
_COUNTERS = ("ronda_uplink_receive_bytes_total", "ronda_uplink_transmit_bytes_total")
# modems and phones: whatever the inventory says, a byte there is paid for
_MOBILE = ("wwan", "wwp", "rmnet", "lte", "usb")
# use of the line up to this part of the contract does not spoil a sample
_FREE_PART = 0.05
_LEAST_APART_S = 20.0
# a floor under this part of the contract proves nothing
_PROVES = 0.5


@dataclass(frozen=True)
class Capacity:
    """`url` "": a file of the centre's. `line` is the label `uplink`; `interface`: only while the
    way out goes by it; `interfaces`: whose counters tell that people use the line, as NAME or
    DEVICE/NAME; `spread` stands for the site when the night is shared out."""

    name: str
    url: str = ""
    line: str = "main"
    contract_mbps: float = 0.0
    hours: str = "02.00-04.00"
    utc_offset_s: int = 25200
    max_bytes: int = 25_000_000
    upload_bytes: int = 0
    max_s: float = 10.0
    busy_mbps: float = 1.0
    interface: str = ""
    interfaces: tuple[str, ...] = ()
    metered: bool = False
    spread: str = ""

    # each round only looks at the clock and the counters
    least_every_s: ClassVar[float] = 60.0
    looks_around: ClassVar[bool] = True
    # what came of a night is news also where the verdict is what it was
    tells_reasons: ClassVar[bool] = True

    def check(self) -> None:
        if self.url:
            limits.url("url", self.url)
            if self.upload_bytes:
                raise Refused("upload_bytes", "only the centre takes uploads")
        if not (0 < len(self.line) <= 100 and self.line.isprintable()):
            raise Refused("line", "not 1 to 100 printable characters")
        limits.between("contract_mbps", self.contract_mbps, 0, 1_000_000)
        limits.between("utc_offset_s", self.utc_offset_s, -50_400, 50_400)
        limits.between("max_bytes", self.max_bytes, 100_000, 1_000_000_000)
        limits.between("upload_bytes", self.upload_bytes, 0, 1_000_000_000)
        limits.between("max_s", self.max_s, 1, 60)
        limits.between("busy_mbps", self.busy_mbps, 0.001, 100_000)
        try:
            self.quiet()
        except ValueError as error:
            raise Refused("hours", str(error)) from None

    @property
    def limit_s(self) -> float:
        return 2 * (self.max_s + 20.0)

    def quiet(self) -> Hours:
        return read_hours(self.hours, self.utc_offset_s)

    def measure(self, memory: dict[str, Any]) -> Reading:
        here = around.of(memory)
        if why := self.never():
            self._pass_over(here, memory)
            return self._unknown(why)
        if here.by_hand:
            # nobody waits for three
            sample = self._sample(here)
            return self._told(replace(Book(), result=sample), 1)
        if here.now is None:
            return self._unknown("the clock is not sure yet")
        keep = Keep(here.folder, self.name)
        before = memory.get("book") or keep.read(here.now)
        book = self._round(before, here.now, here, memory)
        memory["book"] = book
        if book != before:
            keep.write(book)
        return self._speak(book, here.now)

    def _pass_over(self, here: Around, memory: dict[str, Any]) -> None:
        """Nights that go by are counted all the same."""
        if here.by_hand or here.now is None:
            return
        keep = Keep(here.folder, self.name)
        before = memory.get("book") or keep.read(here.now)
        book = nights.passed_over(before, self.quiet(), self.spread or self.name, here.now)
        memory["book"] = book
        if book != before:
            keep.write(book)

    def never(self) -> str:
        """Why this line is not to be measured at all; "" when it may be."""
        if self.metered:
            return "never on a line that is paid for by the byte"
        route = default_route(read_or("/proc/net/route", ""))
        out = route.interface if route else ""
        if out.startswith(_MOBILE):
            return f"the way out is a mobile modem ({out})"
        if self.interface and out != self.interface:
            return f"the way out is {out or 'not known'}, not {self.interface}"
        return ""

    def _round(self, book: Book, now: float, here: Around, memory: dict[str, Any]) -> Book:
        book = nights.plan(book, self.quiet(), self.spread or self.name, now, here.asked)
        if not book.running:
            memory.pop("counted", None)
            return book
        what, book = nights.step(book, now, self._busy(here, memory))
        if what is Step.REST:
            return book
        # our own bytes must not pass for those of people
        memory.pop("counted", None)
        try:
            return nights.took(book, self._sample(here), now)
        except Busy as busy:
            # tries are for what went wrong, not for waiting in a row
            again = replace(book, tries=book.tries - 1)
            return nights.missed(again, str(busy), now, busy.after_s, busy=True)
        except (WireError, ProbeFailed) as error:
            return nights.missed(book, str(error), now)

    def _sample(self, here: Around) -> Sample:
        fetch = download if self.url else pieces
        down = fetch(self._way(here, DOWN), self.max_bytes, self.max_s)
        return Sample(down.bits_per_s, self._up(here), down.floor)

    def _up(self, here: Around) -> float:
        """Bits a second; 0 where there is no number: what came down counts all the same."""
        if not self.upload_bytes:
            return 0.0
        try:
            sent = upload(self._way(here, UP), self.upload_bytes, self.max_s)
        except (Busy, WireError, ProbeFailed):
            return 0.0
        # a floor up is no number: nothing is paid for that could be compared with it
        return 0.0 if sent.floor else sent.bits_per_s

    def _way(self, here: Around, path: str) -> Way:
        if self.url:
            return Way(self.url)
        if here.door is None or not here.door.token:
            raise ProbeFailed("no collector is configured")
        return Way(here.door.url.rstrip("/") + path, here.door.token, here.door.ca, here.door.dates)

    def _busy(self, here: Around, memory: dict[str, Any]) -> str:
        """Why the line is not free, by its counters since the last round."""
        now, counts = monotonic(), self._counts(here)
        before = memory.get("counted")
        if before is None or before[1].keys() != counts.keys():
            memory["counted"] = (now, counts)
            return "people may use the line: counting"
        if now - before[0] < _LEAST_APART_S:
            return "people may use the line: counting"
        memory["counted"] = (now, counts)
        fastest = max(
            (max(0.0, counts[k] - before[1][k]) * 8 / (now - before[0]) for k in counts),
            default=0.0,
        )
        free = max(self.busy_mbps, self.contract_mbps * _FREE_PART) * 1e6
        return f"people use the line ({_mbps(fastest)} Mbit/s)" if fastest > free else ""

    def _counts(self, here: Around) -> dict[str, float]:
        """Bytes so far, each way, of the way out and of the interfaces that are named."""
        route = default_route(read_or("/proc/net/route", ""))
        own = traffic(read_or("/proc/net/dev", "")).get(route.interface) if route else None
        counts: dict[str, float] = {}
        if own is not None and not self.interfaces:
            counts = {"in": float(own.receive_bytes), "out": float(own.transmit_bytes)}
        for text, value in here.values.items():
            if value is None or not text.startswith(_COUNTERS):
                continue
            labels = parse_series(text)[1]
            interface = labels.get("interface", "")
            if {interface, f"{labels.get('device', '')}/{interface}"} & {*self.interfaces}:
                counts[text] = value
        return counts

    def _speak(self, book: Book, now: float) -> Reading:
        if nights.speaks(book, now):
            return self._told(book, nights.SAMPLES)
        return Reading(None, self._values(None, None))

    def _told(self, book: Book, times: int) -> Reading:
        if book.result is None:
            return self._unknown(f"not measured: {book.why}")
        sample, mbps = book.result, book.result.down / 1e6
        proves = not sample.floor or mbps >= self.contract_mbps * _PROVES
        values = self._values(sample.down if proves else None, sample.up or None)
        if sample.floor and not proves:
            values[self._series("download_floor")] = sample.down
        of = f" of {self.contract_mbps:g}" if self.contract_mbps else ""
        least = "at least " if sample.floor else ""
        why = f"; {sample.floor}" if sample.floor else ""
        return Reading(
            Verdict.GOOD, values, f"{least}{_mbps(sample.down)}{of} Mbit/s, measured {times}x{why}"
        )

    def _unknown(self, why: str) -> Reading:
        return Reading(Verdict.UNKNOWN, self._values(None, None), why)

    def _values(self, down: float | None, up: float | None) -> dict[str, float | None]:
        values: dict[str, float | None] = {self._series("download"): down}
        if self.upload_bytes:
            values[self._series("upload")] = up
        return values

    def _series(self, direction: str) -> str:
        return series(_RATE, {"uplink": self.line, "direction": direction})


def _mbps(bits_per_s: float) -> str:
    mbps = bits_per_s / 1e6
    return f"{mbps:.0f}" if mbps >= 10 else f"{mbps:.1f}"
