"""The alerts floor on top of the fold: from what is wrong to incidents, and to people."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from alerts import (
    ahead,
    alarms,
    forgetting,
    hindsight,
    incidents,
    members,
    subscribers,
    way_back,
    windows,
)
from alerts.ailments import SITE, Ailment, Ailments, End
from alerts.alertmanager.foreign import KEY as FOREIGN
from alerts.alertmanager.sender import Sender
from alerts.announcing import Announcer
from alerts.cases import Cases
from alerts.casework import Casework
from alerts.channels import Channel
from alerts.channels.config import load, plain, served
from alerts.citizens.watch import Work
from alerts.climbing import Climber
from alerts.ears import Ears
from alerts.evaluation import status
from alerts.evaluation.asked import Rules
from alerts.evaluation.model import Change
from alerts.faults import Decisions
from alerts.health import Rounds as Looks
from alerts.heartbeat import Heartbeat
from alerts.kinship import ACTIVE, Kin, Kinship
from alerts.outbox import Outbox
from alerts.own import Own, own_end
from alerts.returned import really_ended
from alerts.sources import OFF_GRACE_S, STRANGE, Sources, is_fine, named_checks
from alerts.steering import MERGE, SETTLE, SPLIT
from alerts.storm import decide
from alerts.telling import Teller
from alerts.turn import Turn
from collector import acts, inventory, positions, states, stirred, suspects
from collector.db import reading, writing
from collector.fold.commit import refuse_overtaken
from collector.inventory import hours
from collector.settings import Settings

POSITION = "alerts"
STATES = "alerts_states"
_AT_ONCE, _TURNS_AT_ONCE = 2000, 5000
_BATCHES_A_STEP = 2


@dataclass(slots=True)
class News:
    """What one step has to write."""

    read_to: tuple[int, int]  # changes of checks, changes of states
    changes: list[Change]
    ended: dict[str, End]
    decided: Decisions
    citizens: Work
    touched: list[str] = field(default_factory=list)  # sites whose state changed
    past: list[str] = field(default_factory=list)  # those of them that may have been another
    more: bool = False

    @property
    def to_write(self) -> bool:
        made = self.decided
        acts = (made.alone, made.gather, made.join, made.rise)
        return any((self.changes, self.ended, self.touched, self.citizens.to_write, *acts))


class Alerts:
    """What `collector.engine` calls: `step` after each commit of the fold, `deliver` in a thread.

    The positions up to which changes have been read are committed with the incidents and notices
    made of them, so a crash neither loses news nor tells it twice.
    """

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        rules: Rules,
        channels: Mapping[str, Channel] | None = None,
        problems: Callable[[], Sequence[str]] = tuple,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings, self._store, self._rules = settings, store, rules
        self._problems = problems
        lines = load(settings) if channels is None else plain(channels)
        self._looks = Looks(store, lines)
        everybody = [*lines, *subscribers.lines(settings, store, lines)]
        self._outbox = Outbox(store, everybody, timezone=settings.timezone)
        self._announcer = Announcer(settings, store)
        serving = served(lines)
        self._teller = Teller(settings, serving, way_back.of(settings, lines))
        citizens, hides = settings.citizens, settings.public_hides
        self._ears = Ears(store, lines, settings.timezone, citizens=citizens, hides=hides)
        self._heartbeat = Heartbeat(settings, store)
        self._sender = Sender(settings, store, self._teller, environment)
        self._own = Own(settings, serving)
        self._kin, self._turn = Kin(), Turn()
        self._begin()

    def step(self, now: float, position: int) -> None:
        """Take in what the fold committed up to `position`; `now` is the time of the last tick."""
        # asked each time: one commit may hold the step back and more time than it took away
        if ahead.followed(self._store, position):
            self._asleep = True
        for _ in range(_BATCHES_A_STEP):
            if not self._take_in(now, position):
                break
        self._announcer.step(now)

    def deliver(self, now: float) -> None:
        """Send what is due; waits for the far ends, each within its time limit."""
        self._outbox.send_due(now)
        self._looks.begin_due(now)
        self._ears.begin()
        self._heartbeat.beat(now)
        self._sender.send(now)

    def forget(self, now: float) -> None:
        """Each night: what is older than roll-ups are kept goes."""
        before = now - self._settings.rollup_days * 86400.0
        forgetting.forget(self._store, before)
        forgetting.forget_citizens(self._store, now, before)
        forgetting.forget_foreign(self._store, now)

    def _begin(self) -> None:
        self._asleep = True
        self._ailments = Ailments()
        self._sources = Sources(self._ailments)
        self._cases = Cases()
        standing, home = self._sources.states, self._settings.timezone
        self._work = Casework(self._cases, self._ailments, self._teller, standing, home)
        self._ladder = Climber(self._settings, self._cases, self._ailments, self._teller)
        self._read_to = (0, 0)
        self._act = 0
        self._status_at, self._rounds_told = float("-inf"), 0

    def _take_in(self, now: float, position: int) -> bool:
        """One batch of changes; True when there may be more."""
        asleep, self._asleep = self._asleep, True
        with reading(self._store) as connection:
            # somebody has put incidents together, or taken them apart
            asleep = asleep or acts.since(connection, self._act, (MERGE, SPLIT, SETTLE))
            if asleep:
                self._wake(connection, now)
                self._act = acts.newest(connection)
                self._asleep = True
            news = self._look(connection, now)
            due = self._ladder.due(connection, now) or self._over(now) or self._status_due(now)
        if news.to_write or news.read_to != self._read_to or due:
            with writing(self._store) as connection:
                refuse_overtaken(connection, position)
                self._turn.take(connection)
                self._write(connection, news, now)
        self._read_to = news.read_to
        # should anything fail before here, the next step wakes from what is committed
        self._asleep = False
        return news.more

    def _wake(self, connection: Connection, now: float) -> None:
        """Everything in mind, from what is committed."""
        self._turn.look(connection)
        self._begin()
        self._rules.wake(connection)
        kinship = self._work.kinship = self._kin.look(connection)
        self._read_to = (positions.get(connection, POSITION), positions.get(connection, STATES))
        for state in states.current(connection):
            # when the centre learnt of it nobody knows any more: not later than it was so
            site = kinship.sites.get(state.code)
            self._sources.site(site, state, state.code, now=state.since)
        self._own.look(connection, self._sources, kinship, now)
        firing = [Change(alarm, None) for alarm in alarms.all(connection)]
        checks = states.checks_named(connection, named_checks(firing))
        joined = members.of_open(connection)
        known = frozenset(member.key for member in joined)
        self._sources.alarms(firing, kinship, checks, now, known)
        ailing = (self._ailments.find(key) for key in self._ailments.keys)
        faults = {one.key: kinship.fault(one) for one in ailing if one is not None}
        self._cases.load(incidents.still_open(connection), joined, faults)

    def _look(self, connection: Connection, now: float) -> News:
        """Read what is new, and decide; nothing is written yet."""
        kinship = self._work.kinship = self._kin.look(connection)
        checks_to, states_to = self._read_to
        moved = stirred.sites_since(connection, states_to, _AT_ONCE)
        wrong = self._rules.wrong()
        turned = stirred.checks_since(connection, checks_to, wrong, _TURNS_AT_ONCE)
        for code in moved.sites:
            self._sources.site(kinship.sites.get(code), moved.now.get(code), code, now)
        citizens = self._own.look(connection, self._sources, kinship, now)
        # where nothing is wrong this waits for the round
        fine = {code for code, one in moved.now.items() if is_fine(one)}
        news = [code for code in moved.sites if code not in fine or code in wrong]
        self._rules.found(news, turned.sites)
        changes = self._rules.step(now)
        checks = states.checks_named(connection, named_checks(changes))
        self._sources.alarms(changes, kinship, checks, now)
        read_to, more = (turned.read_to, moved.read_to), turned.more or moved.more
        ended = really_ended(connection, self._ended(now), self._cases)
        decided = self._decide(connection, kinship, now)
        past = [code for code in moved.sites if code not in fine or code in moved.past]
        return News(read_to, changes, ended, decided, citizens, moved.sites, past, more)

    def _ended(self, now: float) -> dict[str, End]:
        """Members of open incidents that are wrong no more."""
        ended = self._ailments.ended()
        over = self._cases.bad - self._ailments.keys
        return {key: ended.get(key) or self._unnoticed(key, now) for key in sorted(over)}

    def _unnoticed(self, key: str, now: float) -> End:
        """It ended while nobody looked: between a commit of the fold and our death."""
        if key.startswith(SITE):
            return self._sources.end_of(key.removeprefix(SITE), now)
        known = own_end(key)
        return End(now, known or "its alarm is gone", quiet=not known)

    def _decide(self, connection: Connection, kinship: Kinship, now: float) -> Decisions:
        new = map(self._ailments.find, sorted(self._ailments.keys - self._cases.bad))
        waiting = [
            kinship.fault(ailment)
            for ailment in new
            if ailment is not None and self._may_be_told(ailment, kinship, now)
        ]
        if not waiting:
            return Decisions()
        soft = kinship.suspects(suspects.read(connection))
        return decide(waiting, self._cases.views(), kinship.census, soft, now)

    def _may_be_told(self, ailment: Ailment, kinship: Kinship, now: float) -> bool:
        site = kinship.sites.get(ailment.site)
        if site is None:
            return not ailment.site
        if site.lifecycle != ACTIVE:
            return False
        if ailment.kind == "off":
            local = datetime.fromtimestamp(now, inventory.zone(site.code, self._settings.timezone))
            return hours.parse(site.hours).covers(local) and now - ailment.at >= OFF_GRACE_S
        if ailment.key.startswith(FOREIGN):
            # others look by a way of their own, also at a site that never reported
            return f"{SITE}{ailment.site}" not in self._ailments
        # what stands in a dark site is explained by the site, but not what the centre saw itself
        itself = ailment.of_site or ailment.key.startswith(STRANGE)
        return itself or not self._sources.dark(ailment.site)

    def _status_due(self, now: float) -> bool:
        # by a rhythm of its own it would tell of some rounds late, and of others twice
        ended = self._rules.ended != self._rounds_told
        return ended or not 0 <= now - self._status_at < status.AT_LEAST_EVERY_S

    def _over(self, now: float) -> bool:
        """An incident is over by now, though nothing happened."""
        return any(case.recovery(now).over for case in self._cases.of_many()) or any(
            case.settles_at is not None and case.settles_at <= now for case in self._cases
        )

    def _write(self, connection: Connection, news: News, now: float) -> None:
        alarms.save(connection, news.changes)
        if self._status_due(now):
            told = replace(self._rules.status(now), problems=self._problems())
            status.put(connection, told)
            windows.write_due(connection, self._work.kinship.sites.values(), now)
            self._work.hushed()
            self._status_at, self._rounds_told = now, self._rules.ended
        self._end(connection, news.ended, now)
        self._work.carry_out(connection, news.decided, now)
        self._keep_in_step(connection, news, now)
        for case in self._cases.of_many():
            back = case.recovery(now)
            if back.over:
                self._work.end_storm(connection, case, back, now)
        for case in self._cases:
            if case.settles_at is not None and case.settles_at <= now:
                self._work.settled(connection, case, now)
        due = self._ladder.due(connection, now)
        self._ladder.climb(connection, due, self._work.kinship, now)
        self._work.tell_places(connection, now)
        self._own.citizens.write(connection, news.citizens, now)
        positions.put_all(connection, {POSITION: news.read_to[0], STATES: news.read_to[1]})

    def _end(self, connection: Connection, ended: Mapping[str, End], now: float) -> None:
        """Members are good again; an incident of one is over with it."""
        marks = []
        for key, end in ended.items():
            if (case := self._cases.holder(key)) is not None:
                at = max(end.at, case.members[key].bad_at)
                # what nobody saw end well is told to nobody as its end
                self._cases.set(case, replace(case.members[key], good_at=at, unseen=end.quiet))
                marks.append((case.id, key, at, end.quiet))
                if case.parent is None and not case.bad:
                    # the first words after a silence say what it was; the message tells it
                    hindsight.explain(connection, case)
                    self._work.settle(connection, case, replace(end, at=at), now)
        members.mark(connection, marks)
        incidents.touch(connection, {number for number, *_ in marks})

    def _keep_in_step(self, connection: Connection, news: News, now: float) -> None:
        """Causes follow the states of sites; what nobody can see any more is marked."""
        touched = set(news.touched)
        for case in self._cases.at({*touched, *(one.alarm.site for one in news.changes)}):
            marks = []
            for member in list(case.members.values()):
                unseen = self._ailments.unseen(member.key)
                if member.good_at is None and member.unseen != unseen:
                    self._cases.set(case, replace(member, unseen=unseen))
                    marks.append((case.id, member.key, member.good_at, unseen))
            if marks:
                members.mark(connection, marks)
                blind = bool(bad := case.bad) and all(case.members[key].unseen for key in bad)
                incidents.change(connection, case.id, incidents.UNRESOLVED, unseen=blind)
        for case in self._cases.at(touched):
            hindsight.explain(connection, case)
        over = [code for code in news.past if self._cases.holder(f"{SITE}{code}") is None]
        for code in hindsight.with_a_past(connection, over):
            hindsight.remember(connection, code, now)
