"""What people did takes effect between two records: sites that count, causes set right."""

from collections.abc import Container
from dataclasses import replace

from sqlalchemy import Connection

from collector import acts
from collector.acts import Act
from collector.agents import GRANT
from collector.availability import Interval, Word
from collector.chain import ERASED
from collector.fold import works
from collector.fold.advance import Advance
from collector.fold.minds import Minds
from collector.fold.sites import Sites
from collector.fold.timelines import Timelines


class Due:
    """Acts that wait to be applied.

    Those that took effect beyond the fold's `position`, or that are newer than `last`, were applied
    by a fold whose commit was lost: this is a replay.
    """

    def __init__(self, connection: Connection, position: int, last: int) -> None:
        ahead = acts.applied(connection, position - 1, 2**62)
        self._replayed = [act for act in ahead if (act.applied or 0) > position or act.id > last]

    @property
    def replays(self) -> bool:
        """Some are still to take effect where they once did."""
        return bool(self._replayed)

    @property
    def next_at(self) -> int | None:
        """The record boundary of the next one that is replayed."""
        return (self._replayed[0].applied or 0) if self._replayed else None

    def take(self, connection: Connection, position: int, known: Container[int]) -> list[Act]:
        """What is due at this boundary, but for what is `known` to be under way."""
        due: list[Act] = []
        while self._replayed and (self._replayed[0].applied or 0) <= position:
            due.append(self._replayed.pop(0))
        if due or self._replayed:
            return due
        return [act for act in acts.waiting(connection) if act.id not in known]


class People:
    """Applies acts; the caller marks them as applied in its transaction."""

    def __init__(self, sites: Sites, timelines: Timelines, advance: Advance, minds: Minds) -> None:
        self._minds = minds
        self._sites = sites
        self._timelines = timelines
        self._advance = advance

    def apply(self, act: Act, connection: Connection, rev: int) -> None:
        if act.verb == "inventory" and act.subject == "sites":
            self._inventory(act, connection, rev)
        elif act.verb == "inventory" and act.subject == "uplinks":
            self._lines(act, connection)
        elif act.verb == "cause":
            self._cause(act, rev)
        elif act.verb == ERASED:
            self._timelines.reread()
        elif act.verb == GRANT:
            self._minds.grant(int(act.body["agent"]), act.body["scopes"])
        elif act.verb == works.VERB:
            now = self._advance.ticks.newest
            self._advance.works.apply(act, act.at if now is None else now, rev)

    def _inventory(self, act: Act, connection: Connection, rev: int) -> None:
        """Sites came or changed. An act that holds their rows is replayed as it was then."""
        if not self._sites.recall(act):
            self._sites.load(connection, only=act.body["codes"])
        changed = [site for code in act.body["codes"] if (site := self._sites.get(code))]
        self._timelines.begin({site.code: act.at for site in changed if site.active}, rev)
        for site in changed:
            if not site.active:
                self._timelines.end(site.code, act.at, rev)
                self._advance.causes.rose(site)
            self._advance.causes.changed(site)
            self._advance.expect(site)

    def _lines(self, act: Act, connection: Connection) -> None:
        """Lines came or changed: other providers, other dates."""
        sites = {key.partition("/")[0]: None for key in act.body["codes"]}
        if not self._sites.recall(act):
            self._sites.load_lines(connection, only=sites)
        for code in sites:
            if (site := self._sites.get(code)) is not None:
                self._advance.causes.changed(site)

    def _cause(self, act: Act, rev: int) -> None:
        """Somebody knows better: `subject` is a site, the body says when, what and why."""
        at = float(act.body["since"])
        for old in self._timelines.between(act.subject, at, at):
            if old.since <= at < old.end:
                note = str(act.body.get("note") or "")
                word = corrected(old, str(act.body["cause"]), act.by, act.at, note)
                self._timelines.explain(act.subject, word, rev)


def corrected(old: Interval, cause: str, by: str, at: float, note: str) -> Interval:
    """The interval with a person's word in place of the guess, which is kept beside it."""
    guess = old.word or Word(by, at, note, old.cause, old.confidence, old.evidence)
    line = f"{by} says: {note}" if note else f"{by} says so"
    return replace(
        old,
        cause=cause,
        confidence=1.0,
        evidence=(line,),
        source="person",
        word=replace(guess, by=by, at=at, note=note),
    )
