"""Who is told first, and by which way they can be reached."""

from collections.abc import Sequence

from collector.inventory import Contact


def told_first(contacts: Sequence[Contact]) -> list[Contact]:
    """Of the contacts of a site (nearest first): the first of the village, and every NOC in scope.

    Where there is no such person, everybody of the nearest scope, ISPs left out: better too many
    than nobody. Only people with a way to be reached count.
    """
    reachable = [contact for contact in contacts if ways(contact)]
    first = [c for c in reachable if c.role == "noc" or (c.role == "village" and c.order == 1)]
    if not first:
        others = [c for c in reachable if c.role != "isp"]
        first = [c for c in others if c.scope == others[0].scope]
    return _once(first)


def ways(contact: Contact) -> list[tuple[str, str]]:
    """Channel and address, in the order to try them."""
    return [("webhook", contact.webhook)] if contact.webhook else []


def _once(contacts: Sequence[Contact]) -> list[Contact]:
    """One person may stand in several scopes."""
    return list({(contact.name, *ways(contact)[0]): contact for contact in contacts}.values())
