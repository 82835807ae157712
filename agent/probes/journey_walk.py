"""One walk of a guest: each step stands on the one before, and the first that breaks is told.

A step behind a broken one is unknown, never bad; so is one that we have no right to take.
"""

from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from agent.dial import place as at
from agent.probes import login
from agent.probes.dhcp_ask import Asker
from agent.probes.dhcp_message import Told
from agent.probes.dns import name_servers
from agent.probes.dns_ask import family_of
from agent.probes.guest import Guest, Seen, trust_of
from agent.probes.http import each
from agent.probes.journey_place import NOT_YET, Place, judge_page, on_portal, place, say_page
from agent.probes.nic import Nic, nic
from agent.probes.portal_page import Form, asked_for, encoded, filled, login_form
from agent.probes.system import read_or
from agent.probes.visit import join
from agent.report import ProbeFailed
from agent.wire import WireError, split_url

if TYPE_CHECKING:
    from agent.probes.journey import Journey

STEPS = ("dhcp", "dns", "portal", "login", "internet")
# dnsmasq tries for 3 s whether somebody has the address that it is about to offer
_OFFER_S, _INFORM_S = 7.0, 1.5
_MOST_FORMS = 4
_SETTLE_S = 1.0
_NO_DHCP, _NO_DNS = "phones get no address", "names are not found"
_NO_PORTAL, _NO_LOGIN = "the login page does not appear", "the login fails"
_NO_INTERNET = "signed in, but no internet"
_BILL = "the provider's billing page comes instead of"


class Broken(Exception):
    """A guest gets no farther than this step."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(why)
        self.step = step


class Walk:
    """`up` by step: 1, 0, or None for not known; `why` names what is broken, `blind` what could
    not be looked at, `told` has a few words on each step for who stands beside."""

    def __init__(self, rule: "Journey", memory: dict[str, Any], deadline: float) -> None:
        self.rule, self.memory, self.deadline = rule, memory, deadline
        self.up: dict[str, float | None] = dict.fromkeys(STEPS)
        self.told: dict[str, str] = {}
        self.why = self.blind = ""
        self.suspended = False
        self._guest: Guest | None = None

    def go(self) -> None:
        """As far as a guest gets."""
        try:
            mine = nic(self.rule.interface)
            offer = self._address(mine)
            self._names(mine, offer)
            own = self._own(mine, offer)
            if self.rule.exempt:
                self._as_exempt(own)
            else:
                self._as_guest(own)
        except Broken as broken:
            self._break(broken.step, str(broken))
        except (ProbeFailed, OSError) as error:
            words = str(error) if isinstance(error, ProbeFailed) else error.strerror or str(error)
            self.blind = self.blind or words

    def sign_out(self, deadline: float) -> None:
        """Leave as we came, so that the next walk is a guest's again."""
        if self._guest is None or not self.rule.logout or not self.up["login"]:
            return
        self._guest.deadline = deadline
        with suppress(OSError):
            self._guest.get(self.rule.logout, self._may)

    def _ok(self, step: str, words: str = "") -> None:
        self.up[step] = 1.0
        self.told[step] = words

    def _break(self, step: str, why: str) -> None:
        """The first one is what is told."""
        self.up[step] = 0.0
        self.why = self.why or why
        self.told[step] = why

    def _address(self, mine: Nic) -> Told | None:
        if not self.rule.dhcp:
            return None
        client = identity(self.rule.identity, mine)
        try:
            with Asker(mine.name) as asker:
                offer = asker.discover(client, min(self.deadline, monotonic() + _OFFER_S))
                if offer is None:
                    raise Broken("dhcp", f"{_NO_DHCP}: {self._no_offer(asker, mine, client)}")
        except ProbeFailed as failed:
            # the way goes on with the address that this machine has
            self.blind = self.told["dhcp"] = str(failed)
            return None
        if not offer.routers:
            raise Broken("dhcp", f"{_NO_DHCP}: {offer.server} offers one without a gateway")
        self._ok("dhcp", f"{offer.address} offered by {offer.server}")
        return offer

    def _no_offer(self, asker: Asker, mine: Nic, client: bytes) -> str:
        """A server that tells, and offers nothing, has nothing left to offer."""
        deadline = min(self.deadline, monotonic() + _INFORM_S)
        told = asker.inform(client, mine.address, deadline) if mine.address else None
        if told is not None:
            return f"{told.server or 'the DHCP server'} has no address left"
        return f"no DHCP server offers one on {mine.name}"

    def _names(self, mine: Nic, offer: Told | None) -> None:
        servers = servers_of(self.rule, mine, offer)
        if offer is not None and not servers:
            raise Broken("dns", f"{_NO_DNS}: {offer.server} names no DNS server")
        if not servers:
            raise ProbeFailed("no DNS server is known")
        if not mine.address:
            raise ProbeFailed(f"this machine has no address or no default route on {mine.name}")
        trust = trust_of(self.rule.ca, self.rule.verify_certificate)
        through = mine.name if self.rule.interface else ""
        self._guest = Guest(through, servers, self.rule.port, trust, self.deadline)
        name = split_url(self.rule.url)[1]
        if family_of(name) is not None:
            return
        try:
            found = self._guest.find(name)
        except (WireError, TimeoutError) as error:
            raise Broken("dns", f"{_NO_DNS}: {say(error)}") from None
        self._ok("dns", f"{name} is {found}")

    def _own(self, mine: Nic, offer: Told | None) -> set[str]:
        """Hosts and addresses of the village's portal; the hotspot's own unless one is named."""
        if not self.rule.portal:
            told = (offer.server, *offer.routers, *offer.dns) if offer else ()
            return {mine.gateway, *told} - {""}
        hosts = {split_url(self.rule.portal)[1].lower(), self.rule.login_host.lower()} - {""}
        found = set(hosts)
        for host in hosts:
            with suppress(WireError, TimeoutError):
                found.add(self._look.find(host))
        return found

    @property
    def _look(self) -> Guest:
        assert self._guest is not None
        return self._guest

    def _may(self, url: str) -> bool:
        return on_portal(self.rule, url)

    def _as_guest(self, own: set[str]) -> None:
        try:
            seen = self._first(own)
        except (WireError, TimeoutError) as error:
            raise Broken("portal", f"{_NO_PORTAL}: {say(error)}") from None
        where = place(self.rule, seen, own)
        if where is Place.OUTSIDE and self.rule.login and not self.rule.logout:
            # the last login still holds: nothing is to be learned of it today
            self.told["portal"] = self.told["login"] = "still signed in"
            self._ok("internet", self.rule.url)
            return
        if where is not Place.PORTAL:
            raise Broken("portal", self._instead(where, seen, "the login page"))
        if why := judge_page(self.rule, seen):
            raise Broken("portal", why)
        self._ok("portal", seen.url.partition("?")[0])
        if self.rule.login:
            self._sign_in(seen, own)

    def _first(self, own: set[str]) -> Seen:
        """What a guest sees first; whoever is still signed in signs out."""
        seen = self._look.get(self.rule.url)
        if not self.rule.logout or place(self.rule, seen, own) is not Place.OUTSIDE:
            return seen
        self._look.get(self.rule.logout, self._may)
        return self._look.get(self.rule.url)

    def _instead(self, where: Place, seen: Seen, of: str) -> str:
        if where is Place.PROVIDER:
            self.suspended = True
            return f"{_BILL} {of}"
        if where is Place.OUTSIDE:
            return f"{_NO_PORTAL}: the internet opens without it"
        return f"another page comes instead of {of}: {say_page(seen)}"

    def _sign_in(self, seen: Seen, own: set[str]) -> None:
        page, given = seen, False
        for _ in range(_MOST_FORMS):
            form = login_form(page.page)
            if form is None or (given and form.asks):
                break
            given = given or form.asks or bool(each(self.rule.fields))
            page = self._submit(page, form)
            if self._arrived(own):
                return
        sleep(_SETTLE_S)
        if not self._arrived(own):
            raise Broken("login", f"{_NO_LOGIN}: the login page comes again")

    def _submit(self, page: Seen, form: Form) -> Seen:
        action = form.action.partition("#")[0]
        to = join(page.url, action) if action else page.url
        if not self._may(to):
            # no query: it may tell who
            where = to.partition("?")[0][:80]
            raise ProbeFailed(f"the login page sends to {where}, which is not configured for it")
        scheme, host, port, path = split_url(to)
        further = each(self.rule.fields)
        wanted = form.asks or any("{" in text for text in further)
        sent = filled(form, page.page, login.of(host) if wanted else ("", ""), further)
        try:
            if form.post:
                answer = self._look.send(to, encoded(sent), self._may)
            else:
                there = f"{scheme}://{at(host, port)}{asked_for(path, sent)}"
                answer = self._look.get(there, self._may)
        except (WireError, TimeoutError) as error:
            raise Broken("login", f"{_NO_LOGIN}: {say(error)}") from None
        if answer.response.status >= 500 and answer.response.status != NOT_YET:
            raise Broken("login", f"{_NO_LOGIN}: {host} answers HTTP {answer.response.status}")
        return answer

    def _arrived(self, own: set[str]) -> bool:
        """Does the portal let us through? Whether there is an internet behind it, is another step:
        Broken."""
        try:
            seen = self._look.get(self.rule.url)
        except (WireError, TimeoutError) as error:
            self._ok("login")
            raise Broken("internet", f"{_NO_INTERNET}: {say(error)}") from None
        where = place(self.rule, seen, own)
        if where is Place.PORTAL:
            return False
        self._ok("login")
        if where is not Place.OUTSIDE:
            raise Broken("internet", self._instead(where, seen, "the internet"))
        self._ok("internet", self.rule.url)
        return True

    def _as_exempt(self, own: set[str]) -> None:
        """The login page is looked at where it is; the internet has to be there at once."""
        if self.rule.portal:
            try:
                page = self._look.get(self.rule.portal)
                why = judge_page(self.rule, page)
            except (WireError, TimeoutError) as error:
                why = f"{_NO_PORTAL}: {say(error)}"
            if why:
                self._break("portal", why)
            else:
                self._ok("portal", self.rule.portal.partition("?")[0])
        try:
            seen = self._look.get(self.rule.url)
        except (WireError, TimeoutError) as error:
            raise Broken("internet", f"no internet behind the hotspot: {say(error)}") from None
        where = place(self.rule, seen, own)
        if where is Place.PORTAL:
            words = "this machine is to be exempt, and is led to the login page"
            raise Broken("internet", words)
        if where is not Place.OUTSIDE:
            raise Broken("internet", self._instead(where, seen, "the internet"))
        self._ok("internet", self.rule.url)


def say(error: OSError) -> str:
    """Why nothing came, in words."""
    return str(error) if isinstance(error, WireError) else "no answer in time"


def identity(wanted: str, mine: Nic) -> bytes:
    """Who asks for an address: always the same, and not who has one here already.

    A server that knew us would go on offering what we have while it has nothing for others.
    """
    if wanted == "own":
        return mine.hardware
    if wanted:
        return bytes.fromhex(wanted.replace(":", ""))
    from hashlib import sha256

    # 02: locally administered, so no card in the world has it
    return b"\x02" + sha256(b"ronda " + mine.hardware).digest()[:5]


def servers_of(rule: "Journey", mine: Nic, offer: Told | None) -> list[str]:
    """The DNS servers that a guest is given."""
    if rule.server:
        return [rule.server]
    if offer is not None:
        return list(offer.dns)
    if rule.interface and mine.gateway:
        return [mine.gateway]
    return name_servers(read_or("/etc/resolv.conf", ""))
