"""Stories of the rules for applications, pages, certificates and what must be kept up."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from tests.agent.servers import Authority, page
from tests.alerts.readings.regency import Story, Village
from tests.alerts.readings.stand_ins import WELCOME, server

_DAY_S = 86400.0


def down(village: Village) -> Story:
    with server() as app:
        village.watch({"name": "opensid", "kind": "http", "url": app.url})
        for said, wait in ((WELCOME, 2), (page(b"", "502 Bad Gateway"), 2), (WELCOME, 2)):
            app.answer = said
            yield wait


def slow(village: Village) -> Story:
    """It answers after six seconds of the clock that the agent has."""

    def thinks() -> None:
        village.steady += 6.0

    with server() as app:
        village.watch({"name": "opensid", "kind": "http", "url": app.url})
        for waits, minutes in ((None, 2), (thinks, 8), (None, 2)):
            app.thinks = waits
            yield minutes


def defaced(village: Village) -> Story:
    with server() as app:
        village.watch({"name": "isi situs", "kind": "defaced", "url": app.url})
        for said, wait in ((WELCOME, 2), (page(b"<h1>slot gacor maxwin</h1>"), 2), (WELCOME, 2)):
            app.answer = said
            yield wait


def certificate(village: Village) -> Story:
    """One that ends in five days, and the one that is put in its place."""
    authority = Authority()
    for days, wait in ((90, 2), (5, 3), (90, 3)):
        context = authority.context(village.folder, ends_d=days)
        with server(context=context) as app:
            url = f"https://localhost:{app.port}/"
            village.watch({"name": "situs", "kind": "http", "url": url, "ca": authority.pem})
            yield wait


def domain(village: Village) -> Story:
    with server() as registry:
        for days, wait in ((300, 2), (12, 3), (365, 3)):
            ends = datetime.fromtimestamp(time.time() + days * _DAY_S, UTC)
            events = f'[{{"eventAction":"expiration","eventDate":"{ends:%Y-%m-%dT%H:%M:%SZ}"}}]'
            text = f'{{"objectClassName":"domain","ldhName":"maju.desa.id","events":{events}}}'
            registry.answer = page(text.encode())
            village.watch(
                {"name": "domain", "kind": "domain", "domain": "maju.desa.id", "rdap": registry.url}
            )
            yield wait


def quota(village: Village) -> Story:
    (village.folder / "data" / "logins").mkdir(parents=True)
    (village.folder / "data" / "logins" / "127.0.0.1").write_text("wayan:rahasia\n")
    with server() as cloud:
        village.watch({"name": "awan", "kind": "webdav", "url": cloud.url, "login": True})
        for used, wait in ((500, 2), (950, 3), (400, 3)):
            text = (
                '<d:multistatus xmlns:d="DAV:"><d:prop>'
                f"<d:quota-used-bytes>{used}</d:quota-used-bytes>"
                f"<d:quota-available-bytes>{1000 - used}</d:quota-available-bytes>"
                "</d:prop></d:multistatus>"
            )
            cloud.answer = page(text.encode(), "207 Multi-Status")
            yield wait


def upkeep(village: Village) -> Story:
    """The last backup is three days old; then somebody makes one."""
    file = village.put("/srv/backup/desa.sql.gz", "isi")
    village.watch({"name": "cadangan", "kind": "backup_age", "path": "/srv/backup"})
    for age_d, wait in ((0, 2), (3, 33), (0, 2)):
        at = time.time() - age_d * _DAY_S
        os.utime(file, (at, at))
        yield wait


def unreachable(village: Village) -> Story:
    """Another site's agent sees the public name; the village's own look is fine."""
    with server() as app:
        village.watch({"name": "opensid", "kind": "http", "url": app.url})
        neighbour = Village(village.regency, f"{village.code}-2", village.folder / "neighbour")
        village.regency.granted[neighbour.agent.id].add(village.code)
        with server() as public:
            seen = {"name": "luar opensid", "kind": "http", "url": public.url}
            neighbour.watch({**seen, "site": village.code})
            for said, wait in ((WELCOME, 2), (page(b"", "404 Not Found"), 8), (WELCOME, 4)):
                public.answer = said
                neighbour.look()
                yield wait


STORIES: dict[str, Callable[[Village], Story]] = {
    "ServiceDown": down,
    "ServiceUnreachable": unreachable,
    "UpkeepNeeded": upkeep,
    "ServiceSlow": slow,
    "ServiceDefaced": defaced,
    "CertificateExpiring": certificate,
    "DomainExpiring": domain,
    "QuotaNearlyUsed": quota,
}
