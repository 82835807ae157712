"""A handover note as people read it, on paper or in a group chat."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message import local
from alerts.phrases import phrases, say
from alerts.words import words
from collector import reasons

Data = Mapping[str, Any]
_UNTIL = re.compile(r"until (\d{1,12})")


def text(data: Data, zone: ZoneInfo, language: str) -> str:
    """The note in one language; times in one zone."""
    return "\n".join(_Writer(zone, _at(data["until"]), language).lines(data)) + "\n"


class _Writer:
    """Knows the zone, the moment and the language of one note."""

    def __init__(self, zone: ZoneInfo, now: float, language: str) -> None:
        self._zone, self._now, self._language = zone, now, language

    def lines(self, data: Data) -> Iterator[str]:
        yield self._say("title", begins=self._time(data["from"]), ends=self._time(data["until"]))
        yield ""
        yield self._say("open" if data["open"] else "nothing_open", count=data["open_in_all"])
        yield from (f"- {self._open(one)}" for one in data["open"])
        yield from self._more(data, "open")
        hours = f"{data['hours']:g}"
        if data["over"]:
            yield self._say("over", hours=hours, count=data["over_in_all"])
            yield from (f"- {self._over(one)}" for one in data["over"])
            yield from self._more(data, "over")
        if data["done"]:
            yield self._say("done")
            yield from (f"- {self._done(one)}" for one in data["done"])
        if data["watch"]:
            yield self._say("watch")
            yield from (f"- {self._watch(one, hours)}" for one in data["watch"])
            yield from self._more(data, "watch")

    def _open(self, one: Data) -> str:
        parts = [self._say("item", id=one["id"], title=one["title"], since=self._since(one))]
        if one["acknowledged_by"]:
            parts.append(self._say("held", by=one["acknowledged_by"]))
        elif not one["assigned_to"]:
            parts.append(self._say("nobody"))
        if one["assigned_to"]:
            parts.append(self._say("assigned", by=one["assigned_to"]))
        if one["paused_why"]:
            parts.append(self._say("paused", why=one["paused_why"]))
        if one["snoozed_until"]:
            parts.append(self._say("snoozed", at=self._time(one["snoozed_until"])))
        if one["ticket"]:
            parts.append(self._say("ticket", ticket=one["ticket"]))
        if one["unseen"]:
            parts.append(self._say("unseen"))
        return "; ".join(parts)

    def _over(self, one: Data) -> str:
        until = self._time(one["resolved_at"])
        times = {"since": self._since(one), "until": until}
        return self._say("recovered", id=one["id"], title=one["title"], **times)

    def _done(self, one: Data) -> str:
        verb = phrases(self._language)["verbs"].get(one["verb"], one["verb"])
        number = f" #{one['incident']}" if one["incident"] else ""
        note = self._note(one["verb"], one["note"])
        told = f": {note}" if note else ""
        return f"{self._time(one['at'])} {one['by']} {verb}{number}{told}"

    def _note(self, verb: str, note: str) -> str:
        """What a line says beside its verb, in the language of the note."""
        if note == "*":
            return self._say("everything")
        if verb == "snooze" and (found := _UNTIL.fullmatch(note)):
            at = local(float(found[1]), self._zone, self._now, self._language)
            return self._say("until", at=at)
        name, colon, why = note.partition(": ")
        if verb == "cause" and colon:
            return f"{words(self._language).causes.get(name, name)}: {why}"
        return reasons.say(note, self._language)

    def _watch(self, one: Data, hours: str) -> str:
        told = {key: value for key, value in one.items() if key != "kind"}
        for key in ("at", "until"):
            if key in told:
                told[key] = self._time(told[key])
        return self._say(one["kind"], **{"hours": hours, **told})

    def _more(self, data: Data, what: str) -> Iterator[str]:
        if (left := data[f"{what}_in_all"] - len(data[what])) > 0:
            yield f"- {self._say('more', count=left)}"

    def _since(self, one: Data) -> str:
        return self._time(one["down_since"])

    def _time(self, text: str) -> str:
        return local(_at(text), self._zone, self._now, self._language)

    def _say(self, phrase: str, /, **values: object) -> str:
        return say(self._language, "handover", phrase, **values)


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
