"""What those who follow a place are sent: the question, the thanks, the news, the goodbye. Pure."""

import json
from dataclasses import dataclass
from datetime import tzinfo

from alerts import follow_links
from alerts.follow_links import JOIN, LEAVE
from alerts.followers import EMAIL, Follower
from web.public import PREFIX
from web.public.due import Due
from web.public.feed import Entry, of_tale, of_work
from web.public.listing import News
from web.tongue import gettext, ngettext

# lines of one message; how many more there are it says
MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of this centre, and what makes them a follower's own."""

    base: str
    secret: bytes

    def page(self, one: Follower) -> str:
        """The page of the place."""
        return f"{self.base}{PREFIX}/{one.place}{'?lang=en' if one.language == 'en' else ''}"

    def own(self, one: Follower, action: str) -> str:
        """Where this follower says yes, or stops."""
        token = follow_links.make(self.secret, one, action)
        return f"{self.base}{PREFIX}/{action}/{token}"


def question(one: Follower, name: str, links: Links) -> str:
    """Did they mean it? Nothing more comes before they say so."""
    lines = [gettext("News of %(name)s: is it you who wants it?", name=name)]
    if one.way == EMAIL:
        lines.append(gettext("If so, open this and press the button: %(link)s",
                             link=links.own(one, JOIN)))  # fmt: skip
        lines.append(gettext("If not, do nothing: this address is forgotten within a day."))
    else:
        lines.append(gettext("If so, reply YA. If not, do nothing: we forget it within a day."))
    return "\n".join(lines)


def thanks(one: Follower, name: str, links: Links) -> str:
    """From now on they hear."""
    first = gettext(
        "From now on you hear of faults and planned maintenance at %(name)s.", name=name
    )
    return "\n".join([first, stop(one, links)])


def goodbye() -> str:
    """They hear no more."""
    return gettext("You hear no more from us. Your address is forgotten.")


def news(one: Follower, name: str, new: Due, told: News, zone: tzinfo, links: Links) -> str:
    """What is new, in a few lines."""
    entries = [of_tale(each, zone, told.where(each.sites)) for each in (*new.begun, *new.over)]
    entries += [of_work(each, zone, told.where(each.sites)) for each in new.planned]
    lines = [name, *map(_line, entries[:MOST_LINES])]
    if (more := len(entries) - MOST_LINES) > 0:
        lines.append(ngettext("and %(num)s more", "and %(num)s more", more))
    return "\n".join([*lines, links.page(one), stop(one, links)])


def stop(one: Follower, links: Links) -> str:
    """How to stop it, at the foot of every message."""
    if one.way == EMAIL:
        return gettext("To stop: %(link)s", link=links.own(one, LEAVE))
    return gettext("To stop, reply BERHENTI.")


def body(one: Follower, text: str, links: Links) -> str:
    """As the outbox keeps it."""
    told = {"text": text, "title": text.partition("\n")[0], "language": one.language}
    if one.way == EMAIL:
        told["unsubscribe"] = links.own(one, LEAVE)
    return json.dumps(told, ensure_ascii=False)


def _line(entry: Entry) -> str:
    return f"{entry.title}. {entry.says}"
