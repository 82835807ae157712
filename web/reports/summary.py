"""A month in a few sentences, in the language spoken."""

from collector.availability import State
from collector.evidence.tally import Tally
from collector.settings import Settings
from web import labels, words
from web.reports import digest
from web.reports.monthly import Monthly
from web.reports.wording import rupiah, share
from web.tongue import gettext, ngettext


def summary(told: Monthly, settings: Settings) -> list[str]:
    """The month in a few sentences."""
    total = digest.total(told.report)
    if not told.sites:
        return [gettext("No village counted in this period.")]
    said = [
        gettext(
            "Of %(known)s of the time it is known how %(count)s villages were; of that they worked "
            "%(share)s. They were down for %(down)s hours in %(outages)s outages, the longest took "
            "%(longest)s.",
            known=share(digest.known(total)),
            count=words.number(len(told.sites)),
            share=share(total.share(*digest.UP)),
            down=words.number(total.seconds[State.DOWN] / 3600, 1),
            outages=words.number(total.outages),
            longest=words.lasted(total.longest_s),
        )
    ]
    unknown = total.seconds[State.UNKNOWN] - total.not_counted_s
    said.append(
        gettext(
            "Of %(unknown)s hours nobody knows how it was, of these %(power)s during power cuts; "
            "they count neither as up nor as down.",
            unknown=words.number(unknown / 3600, 1),
            power=words.number(total.causes[State.UNKNOWN, "power"] / 3600, 1),
        )
    )
    if found := digest.causes(total):
        parts = [f"{labels.cause(c.cause)} {_part(c.seconds, total)}" for c in found[:3]]
        said.append(gettext("Causes of the time down: %(causes)s.", causes=", ".join(parts)))
    said += _more(told, settings)
    return said


def _more(told: Monthly, settings: Settings) -> list[str]:
    sop, said = digest.sop(told.report), []
    if sop.count:
        said.append(
            ngettext(
                "%(num)s incident was opened; %(share)s were handled within %(limit)s.",
                "%(num)s incidents were opened; %(share)s were handled within %(limit)s.",
                sop.count,
                share=share(sop.share),
                limit=words.stretch(settings.handled_within_s),
            )
        )
    if told.claims:
        owed = sum(int(claim.told["total_rp"]) for claim in told.claims)
        said.append(
            gettext(
                "Providers owe %(rupiah)s for this month, by %(count)s contracts (annex B).",
                rupiah=rupiah(owed),
                count=words.number(len(told.claims)),
            )
        )
    return said


def _part(seconds: int, total: Tally) -> str:
    return words.share(seconds / max(1, total.seconds[State.DOWN]), 0)
