"""What the warning before the deadline says besides what every message says."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from alerts.message import lasted, local
from alerts.words import words
from collector.inventory import Contact
from collector.printable import called

_MOST_NAMES = 3


def more(
    ran_s: float,
    deadline_at: float,
    next_at: float | None,
    following: Iterable[Contact],
    holder: str,
    zone: ZoneInfo,
    now: float,
    language: str,
) -> dict[str, str]:
    """`Facts.more` of template deadline; `holder` is who has it, empty: nobody."""
    known = words(language).words
    names = [called(contact.name) for contact in following][:_MOST_NAMES]
    # who has it is not told on: the next ones hear nothing
    rises = bool(names) and next_at is not None and not holder
    minutes = max(1, round(((next_at or now) - now) / 60))
    return {
        "lasted": lasted(ran_s, language),
        "deadline": local(deadline_at, zone, now, language),
        "held": known["has_it"].format(who=called(holder)) if holder else known["nobody_has_it"],
        "next": ", ".join(names) if rises else "",
        "minutes": str(minutes) if rises else "",
    }
