"""One receiver: reads the bag from where it stands, sends, and writes down how far it is.

The position moves once everything before it was taken, refused or dropped. So a sender that dies
sends some samples twice, with the same time and value, and loses none.
"""

import logging
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from collector.journal.files import FileReader
from collector.journal.framing import Record
from collector.outward import store
from collector.outward.encode import Piece, write_request
from collector.outward.names import Names
from collector.outward.outlets import CALLED
from collector.outward.parcels import Parcel, look
from collector.outward.post import Answer, Verdict
from collector.outward.splitting import Splitting, bodies
from collector.outward.store import Outlet
from collector.outward.turning import Turned, Turning

log = logging.getLogger(__name__)

BODY_SAMPLES = 10_000
READ_BYTES = 1 << 20
# so far back a start reads what was sent, to know whose series have a value
MEMORY_BYTES = 4 << 20
TELL_EVERY_S = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 60.0
# so many refusals of live samples and nothing taken: slower from then on, and told
IN_VAIN, VAIN_WAIT_S = 200, 5.0
# until somebody mends an address or a password
WRONG_WAIT_S = 30.0


class Post(Protocol):
    """What carries a body: `Poster`."""

    def post(self, body: bytes) -> Answer: ...


class Sender:
    """`pause(s)` waits so long and says whether to stop; `clock` dates what is written down."""

    def __init__(
        self,
        outlet: Outlet,
        folder: Path,
        engine: Engine,
        names: Names,
        poster: Post,
        pause: Callable[[float], bool],
        clock: Callable[[], float],
    ) -> None:
        self.outlet = outlet
        self._folder, self._engine, self._names = folder, engine, names
        self._poster, self._pause, self._clock = poster, pause, clock
        self._reader = FileReader(folder)
        self._turning = Turning(names)
        self._wait_s = 0.0
        self._in_vain = 0
        self._told_at = float("-inf")
        self._called = CALLED.get(outlet.name, outlet.name)
        self._chance = random.Random()

    def close(self) -> None:
        self._reader.close()

    def remember(self) -> None:
        """Know again which series have a value, by what was sent lately."""
        self._names.refresh()
        at = max(self._reader.start, self.outlet.position - MEMORY_BYTES)
        with closing(FileReader(self._folder)) as reader:
            while at < self.outlet.position and (records := reader.read(at)):
                past = [one for one in records if one.position < self.outlet.position]
                self._turn([parcel for one in past if (parcel := _parcel(one))])
                at = records[-1].next

    def step(self) -> int:
        """Send what is there, a bounded part of it; how many records it was. 0: nothing waits."""
        records = self._reader.read(self.outlet.position, limit_bytes=READ_BYTES)
        if not records:
            self._tell()
            return 0
        self._names.refresh()
        parcels = [parcel for record in records if (parcel := _parcel(record))]
        dropped = self._missing(parcels)
        turned = self._turn(parcels)
        if not (self._deliver(turned.live, False) and self._deliver(turned.late, True)):
            return 0
        done = replace(self.outlet, position=records[-1].next, reached=records[-1].at)
        if parcels:
            done = replace(done, journal=parcels[-1].journal, passed=parcels[-1].after)
        if dropped + turned.of_nobody:
            gone = done.dropped + dropped + turned.of_nobody
            done = replace(done, dropped=gone, dropped_at=self._clock())
        self.outlet = done
        self._tell(now=True)
        return len(records)

    def _missing(self, parcels: Sequence[Parcel]) -> int:
        """Samples that fell over the edge, or out of a damaged file, since the last ones."""
        passed, missing = self.outlet.passed, 0
        for parcel in parcels:
            # a fold that was restarted begins at what is written, which may be less
            missing += max(0, parcel.before - passed)
            passed = parcel.after
        if missing:
            log.warning("%s: %d samples are gone before they were sent", self._called, missing)
        return missing

    def _turn(self, parcels: Sequence[Parcel]) -> Turned:
        turned = Turned()
        for parcel in parcels:
            try:
                self._turning.turn(parcel.unpack(), turned)
            except ValueError as error:
                log.warning("%s: %s", self._called, error)
                turned.of_nobody += parcel.samples
        return turned

    def _deliver(self, pieces: Sequence[Piece], late: bool) -> bool:
        """True once all of it was taken or refused; False: we are to stop."""
        for body in bodies(pieces, BODY_SAMPLES):
            rest = Splitting.of(body, late)
            while part := rest.part:
                answer = self._poster.post(write_request(part))
                if answer.verdict is Verdict.ACCEPTED:
                    rest.accept()
                    self._well()
                    continue
                if answer.verdict is Verdict.REFUSED:
                    rest.refuse()
                    answer = self._refused(answer, late)
                if answer.verdict is not Verdict.ACCEPTED and self._held_up(answer):
                    return False
            out = self.outlet
            sent, refused = out.sent + rest.sent, out.refused + rest.refused
            self.outlet = replace(out, sent=sent, refused=refused)
        return True

    def _well(self) -> None:
        """It took something."""
        self._wait_s, self._in_vain = 0.0, 0
        if self.outlet.trouble:
            log.info("%s: it takes samples again", self._called)
            self.outlet = replace(self.outlet, trouble="")

    def _refused(self, answer: Answer, late: bool) -> Answer:
        """The next part goes at once, but to who has refused very many live ones and taken none:
        then something is wrong with all, and each refusal costs a sample."""
        self._wait_s = 0.0
        self.outlet = replace(self.outlet, refusal=answer.problem)
        self._in_vain += not late
        if late or self._in_vain < IN_VAIN:
            return Answer(Verdict.ACCEPTED)
        return replace(answer, wait_s=VAIN_WAIT_S)

    def _held_up(self, answer: Answer) -> bool:
        """Wait until it may be asked again; True: we are to stop."""
        if answer.problem != self.outlet.trouble:
            log.warning("%s: %s", self._called, answer.problem)
            self.outlet = replace(self.outlet, trouble=answer.problem)
            self._tell(now=True)
        else:
            self._tell()
        self._wait_s = next_wait_s(self._wait_s, answer)
        # several senders that were sent away together should not come back together
        return self._pause(self._wait_s * self._chance.uniform(1.0, 1.2))

    def _tell(self, now: bool = False) -> None:
        at = self._clock()
        if not now and 0 <= at - self._told_at < TELL_EVERY_S:
            return
        self._told_at = at
        self.outlet = replace(self.outlet, told_at=at)
        try:
            store.tell(self._engine, self.outlet)
        except SQLAlchemyError as error:
            # what is written is behind: after a crash more is sent twice
            log.warning("%s: the database cannot be written: %s", self._called, error)


def next_wait_s(last_s: float, answer: Answer) -> float:
    """How long until a receiver is asked again that was waited for so long before."""
    if answer.wait_s is not None:
        return max(answer.wait_s, FIRST_WAIT_S)
    if answer.verdict is Verdict.WRONG:
        return WRONG_WAIT_S
    return min(max(last_s * 2, FIRST_WAIT_S), LONGEST_WAIT_S)


def _parcel(record: Record) -> Parcel | None:
    try:
        return look(record.payload)
    except ValueError:
        return None
