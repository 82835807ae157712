"""Where has a guest ended: outside, at the village's portal, at the provider's bill? Pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.probes.guest import Seen
from agent.probes.http import each
from agent.probes.portal_page import login_form, of_provider
from agent.probes.text import title
from agent.probes.visit import join
from agent.wire import split_url

if TYPE_CHECKING:
    from agent.probes.journey import Journey

# RFC 6585: some portals say of themselves that one has to sign in
NOT_YET = 511


class Place(StrEnum):
    OUTSIDE = "outside"
    PORTAL = "portal"
    PROVIDER = "provider"
    ELSEWHERE = "elsewhere"


def place(rule: "Journey", seen: Seen, own: Collection[str]) -> Place:
    """`own`: hosts and addresses of the village's portal, as far as they are known."""
    page = seen.page
    if outside(rule, seen):
        return Place.OUTSIDE
    mine = seen.host in own or seen.address in own or _sends_to(seen, page) in own
    if of_provider(page, (seen.url, *seen.way), mine):
        return Place.PROVIDER
    if mine:
        return Place.PORTAL
    # nobody said where the portal is: wherever one is led, or asked to sign in
    led = bool(seen.way) or seen.response.status == NOT_YET or login_form(page) is not None
    return Place.PORTAL if led and not rule.portal else Place.ELSEWHERE


def outside(rule: "Journey", seen: Seen) -> bool:
    """Is this the page itself that a guest wanted to see?"""
    if rule.expect:
        return seen.response.status == 200 and rule.expect.lower() in seen.page.lower()
    return seen.response.status == 204


def judge_page(rule: "Journey", seen: Seen) -> str:
    """What is wrong with a login page, in plain words; "" when nothing is."""
    if seen.response.status not in (200, NOT_YET):
        return f"the login page answers HTTP {seen.response.status}"
    page = seen.page
    if rule.form and login_form(page) is None:
        return "the login page has no form"
    for text in each(rule.must_match):
        if text.lower() not in page.lower():
            return f"the login page lacks {text!r}"
    return ""


def on_portal(rule: "Journey", url: str) -> bool:
    """May what a guest types at the portal go to this address?

    Only to the hosts that are configured, and unencrypted only where the portal itself is.
    """
    scheme, portal, _, _ = split_url(rule.portal)
    try:
        to, host, _, _ = split_url(url)
    except ValueError:
        return False
    hosts = {portal.lower(), (rule.login_host or portal).lower()}
    return host.lower() in hosts and (to == "https" or scheme == "http")


def say_page(seen: Seen) -> str:
    """A strange page, for a reason: status or title, and whose it is. No query: it may tell who."""
    status = seen.response.status
    shown = f"HTTP {status}" if status >= 300 else title(seen.page)
    return f"{seen.host}{f' ({shown})' if shown else ''}"


def _sends_to(seen: Seen, page: str) -> str:
    """The host that the form of the page sends to; "" when it has none."""
    form = login_form(page)
    if form is None or not form.action:
        return ""
    try:
        return split_url(join(seen.url, form.action))[1].lower()
    except ValueError:
        return ""
