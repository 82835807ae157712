"""What the collector sees of a site: whether a change proved good, and whether one may begin."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from agent.strict import Refused
from collector import inventory, states
from collector.db import reading, writing
from collector.intake import orders
from collector.promql.limits import Limits
from collector.promql.plan import Matcher
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import Scalar, Vector
from collector.vocabularies import askable
from playbooks import blocking, run_rows
from playbooks.blocking import Scene
from playbooks.looks import Seen
from playbooks.model import Look, Proof

BY = "playbooks"
_ON_BATTERY = "ronda_power_on_mains == 0"


@dataclass(frozen=True, slots=True)
class Evidence:
    """`Looks` over the centre's own rows and numbers."""

    store: Engine
    centre: Callable[[], Centre]

    def begin(self, look: Look, site: str, now: float) -> None:
        """A check is probed at once, by every agent of the site; scripts look by themselves."""
        if look.proof is not Proof.CHECK:
            return
        with writing(self.store) as connection:
            for agent in askable(connection, site):
                orders.ask(connection, agent, ["probe_now"], now, BY)

    def seen(self, look: Look, site: str, since: float, now: float) -> Seen:
        match look.proof:
            case Proof.HEARTBEAT:
                return self._heartbeat(site, since)
            case Proof.CHECK:
                return self._check(look.subject, site, since, now)
        return self._holds(look.subject, site, now)

    def scene(self, site: str, run: int, now: float) -> Scene:
        """What speaks for or against beginning at a site."""
        with reading(self.store) as connection:
            known = inventory.site(connection, site)
            found = states.current(connection, [site])
            taken_by = run_rows.taken(connection, site, run)
        state = found[0] if found else None
        return blocking.scene(
            state.state if state else "",
            state.cause if state else "",
            self._anything(_ON_BATTERY, site, now),
            taken_by,
            retired=known is None or known.lifecycle != "active",
        )

    def _heartbeat(self, site: str, since: float) -> Seen:
        """A report that came since, with something that was measured since: what an agent had to
        keep for itself while it was cut off proves nothing of now."""
        with reading(self.store) as connection:
            known = inventory.site(connection, site)
        history = self.centre().history
        if known is None or (history.last_report(known.row) or 0.0) <= since:
            return Seen(False, "has not reported since")
        found = history.window.frames(known.row, since, math.inf)
        last = max((float(frames.times.max()) for frames in found if len(frames.times)), default=0)
        if last <= since:
            return Seen(False, "has reported nothing since that was measured since")
        return Seen(True, f"reported what it measured {last - since:.0f} s after it")

    def _check(self, name: str, site: str, since: float, now: float) -> Seen:
        with reading(self.store) as connection:
            found = {check.name: check for check in states.checks_of(connection, site)}
        check = found.get(name)
        if check is None:
            return Seen(False, f"the site has no check {name}")
        if check.verdict != "good":
            return Seen(False, f"{name} is {check.verdict}: {check.reason}")
        # good before is no proof: it must have been looked at since
        asked = f'timestamp(ronda_check_up{{check="{name}"}}) > {since:.3f}'
        if not self._anything(asked, site, now):
            return Seen(False, f"{name} has not been probed since")
        return Seen(True, f"{name} is good")

    def _holds(self, question: str, site: str, now: float) -> Seen:
        try:
            good = self._anything(question, site, now)
        except Refused as refused:
            return Seen(False, f"the question cannot be answered: {refused}")
        return Seen(good, "holds" if good else f"does not hold: {question}")

    def _anything(self, question: str, site: str, now: float) -> bool:
        at = int(now * 1000)
        scope = (Matcher("site", "=", site),)
        source = query_source(self.centre())
        asked = Ask(question, at, at, scope=scope)
        value = ask(asked, source, Limits(clock=time.monotonic), source.words).value
        if isinstance(value, Scalar):
            return bool(value.values.any())
        return isinstance(value, Vector) and len(value.labels) > 0
