"""Who is told first, and by which ways each can be reached."""

from collections.abc import Sequence
from dataclasses import replace

from collector.inventory import Contact

PHONE = "phone"
# channel and the column of a contact that it serves, in the order to try them
Serving = Sequence[tuple[str, str]]
WEBHOOKS: Serving = (("webhook", "webhook"),)
_OF_A_PERSON = ("whatsapp", "telegram", "sms", "email")


def told_first(contacts: Sequence[Contact], serving: Serving = WEBHOOKS) -> list[Contact]:
    """Of the contacts of a site (nearest first): the first of the village, and every NOC in scope.

    Where there is no such person, everybody of the nearest scope, ISPs left out: better too many
    than nobody. Only people whom a channel reaches count; where there is none at all, those who
    have a phone.
    """
    able = reachable(contacts, serving)
    first = [c for c in able if c.role == "noc" or (c.role == "village" and c.order == 1)]
    if not first:
        others = [c for c in able if c.role != "isp"]
        first = [c for c in others if c.scope == others[0].scope]
    return _once(first, serving)


def reachable(contacts: Sequence[Contact], serving: Serving = WEBHOOKS) -> list[Contact]:
    """Those whom a channel reaches; where there is none at all, those who have a phone."""
    found = [c for c in contacts if any(way[0] != PHONE for way in ways(c, serving))]
    return found or [contact for contact in contacts if number(contact)]


def in_order(contact: Contact, order: int) -> Contact:
    """The same person in another place of the order."""
    return replace(contact, order=order)


def ways(contact: Contact, serving: Serving = WEBHOOKS) -> list[tuple[str, str]]:
    """Channel and address, in the order to try them; a person's last way is the phone."""
    found = [(name, str(getattr(contact, column))) for name, column in serving]
    found = [(name, address) for name, address in found if address]
    if any(getattr(contact, column) for column in _OF_A_PERSON):
        found.append((PHONE, number(contact)))
    return found


def number(contact: Contact) -> str:
    """Where a person can be phoned; empty when nobody knows."""
    return contact.sms or contact.whatsapp


def _once(contacts: Sequence[Contact], serving: Serving) -> list[Contact]:
    """One person may stand in several scopes."""
    found: dict[tuple[str, ...], Contact] = {}
    for contact in contacts:
        found.setdefault((contact.name, *ways(contact, serving)[0]), contact)
    return list(found.values())
