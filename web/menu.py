"""The console's pages as the menu shows them: one line a page, in the order people need them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import current_app, request

from web.context import centre, me
from web.tongue import lazy_gettext


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu; no `roles`: everybody's. The icon's drawing is in base.html."""

    endpoint: str
    title: Any
    icon: str
    roles: Collection[str] = ()
    # of a setting that must be on
    when: str = ""

    @property
    def here(self) -> bool:
        """Is the page being read this one, or one of its part of the console?"""
        return (request.blueprint or "") == self.endpoint.partition(".")[0]


# who may read what citizens reported
CITIZENS = ("village", "technician", "noc", "admin")
# an entry whose page this console does not have is left out
ENTRIES = (
    Entry("overview.show", lazy_gettext("Overview"), "home"),
    Entry("incidents.index", lazy_gettext("Incidents"), "alert"),
    Entry("sites.index", lazy_gettext("Villages"), "village"),
    Entry("playbooks.catalogue", lazy_gettext("Actions"), "hand"),
    Entry("reports.index", lazy_gettext("Reports"), "report"),
    Entry("citizens.index", lazy_gettext("Citizens"), "people", CITIZENS, "citizens"),
    Entry("rules.index", lazy_gettext("Rules"), "rule"),
    Entry("plans.index", lazy_gettext("Plans"), "calendar"),
    Entry("duty.index", lazy_gettext("Duty"), "people"),
    Entry("checks.listing", lazy_gettext("Checks"), "tool", ("noc", "admin")),
    Entry("inventory.home", lazy_gettext("Inventory"), "report", ("noc", "admin")),
    Entry("centre.show", lazy_gettext("Data centre"), "check", ("admin",)),
    Entry("people.index", lazy_gettext("People"), "people", ("admin",)),
)
# as many stand at the bottom of a phone; all of them stand at the foot of the page
BAR = 4
# as many stand in the row of a desk's screen before the rest folds; a wide one has them all
ROW = 6


def entries() -> list[Entry]:
    """What the reader's menu holds."""
    user = me()
    pages = current_app.view_functions
    role = user.role if user else ""
    return [
        each
        for each in ENTRIES
        if user
        and each.endpoint in pages
        and (not each.roles or role in each.roles)
        and (not each.when or getattr(centre().settings, each.when))
    ]


def has(endpoint: str) -> bool:
    """Does this console have the page?"""
    return endpoint in current_app.view_functions
