"""Everything the pages of playbooks say no to, in one table: role, area, form, other site, oneself.

Each refused request is asked for exactly as the page of somebody who may would ask for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine

from collector.db import reading, writing
from playbooks import automatic, host_rows, run_search, schedules
from playbooks.schedules import Schedule
from playbooks.states import RunState
from tests.web.conftest import OTHER, SITE, Visitor
from tests.web.playbooks.conftest import Field

ROLE, AREA = "Hak akses Anda tidak", "di luar wilayah"
HOST = {"device": "server", "platform": "debian", "address": "192.0.2.9", "port": "22"}
HOST |= {"user": "root", "way": "direct", "password": "x"}


@dataclass(frozen=True)
class No:
    """Who sends what where; `form_on` a page of theirs with a form, "" leaves the token out."""

    id: str
    path: str
    status: int
    who: str
    areas: tuple[str, ...] = ()
    says: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    get: bool = False
    form_on: str = "/account"


def ask(name: str, site: str = SITE, **more: str) -> dict[str, Any]:
    return {"path": f"/playbooks/{name}", "fields": {"site": f"{site}~0", "do": "run", **more}}


MINE, THEIRS = ("35.10.06",), ("35.10.11",)
RUN, RED = "/playbooks/runs/1", "/playbooks/runs/2"
KEYS = "/playbooks/hosts/edit"
TAKE = f"/playbooks/archives/{SITE}"
PLANS, AUTO = "/playbooks/schedules", "/playbooks/uji-lihat/automatic"
DAILY = {"playbook": "uji-lihat", "scope": SITE, "at": "02.30"}
TABLE = [
    # who may press what
    No("a viewer runs a green one", **ask("uji-lihat"), status=403, who="viewer", says=ROLE),
    No("a viewer tries one dry", **ask("uji-lihat", do="dry"), status=403, who="viewer"),
    No("a village runs a yellow one", **ask("uji-dns"), status=403, who="village", areas=(SITE,)),
    No("a village tries a yellow one dry", **ask("uji-dns", do="dry"), status=403, who="village",
       areas=(SITE,), says=ROLE),
    No("a village proposes a red one", **ask("uji-nyala"), status=403, who="village",
       areas=(SITE,)),
    # where
    No("a village runs at another one", **ask("uji-lihat", OTHER), status=403, who="village",
       areas=(SITE,), says=AREA),
    No("a technician of another area", **ask("uji-dns"), status=403, who="technician",
       areas=THEIRS, says=AREA),
    No("an administrator of another area", **ask("uji-dns"), status=403, who="admin",
       areas=THEIRS, says=AREA),
    No("a site that is no code", **ask("uji-dns", "../x"), status=400, who="noc"),
    No("a site that is none", **ask("uji-dns", "35.10.99.2001"), status=422, who="noc"),
    No("a playbook that is none", **ask("uji-tidak"), status=404, who="noc"),
    No("a playbook that is refused", **ask("uji-rusak"), status=404, who="noc"),
    No("a form that is not ours", **ask("uji-dns"), status=400, who="noc", form_on=""),
    No("a plan for a site elsewhere", f"/playbooks/uji-dns?site={OTHER}", 404, "technician", MINE,
       get=True),
    No("a plan for a site that is none", "/playbooks/uji-dns?site=35.10.99.2001", 404, "noc",
       get=True),
    No("a plan for an area that is none", "/playbooks/uji-dns?area=Genteng", 400, "noc", get=True),
    No("a catalogue for a site elsewhere", f"/playbooks?site={OTHER}", 404, "village", (SITE,),
       get=True),
    # the second person
    No("a viewer approves", f"{RED}/approve", 403, "viewer", says=ROLE),
    No("a village approves", f"{RED}/approve", 403, "village", (SITE,), says=ROLE),
    No("a technician approves elsewhere", f"{RED}/approve", 404, "technician", THEIRS),
    No("who asked approves", f"{RED}/approve", 403, "noc", says="Anda sendiri yang meminta"),
    No("somebody of half of it approves", "/playbooks/runs/3/approve", 403, "technician", MINE,
       says=AREA),
    No("an approval that is not ours", f"{RED}/approve", 400, "admin", form_on=""),
    No("a run that is none, approved", "/playbooks/runs/99/approve", 404, "admin"),
    # stopping
    No("a viewer stops", f"{RUN}/stop", 403, "viewer", says=ROLE),
    No("a village stops a yellow one", f"{RUN}/stop", 403, "village", (SITE,)),
    No("a technician stops elsewhere", f"{RUN}/stop", 404, "technician", THEIRS),
    No("a technician stops half of it", "/playbooks/runs/3/stop", 403, "technician", MINE),
    No("a stop that is not ours", f"{RUN}/stop", 400, "admin", form_on=""),
    # reading
    No("a run elsewhere", RUN, 404, "village", (OTHER,), get=True),
    No("a run that is none", "/playbooks/runs/99", 404, "noc", get=True),
    No("a run beyond all numbers", f"/playbooks/runs/{2**64}", 404, "noc", get=True),
    No("a device elsewhere", f"/playbooks/runs/3?site={OTHER}&device=router", 404, "technician",
       MINE, get=True),
    No("a device that is none", f"{RUN}?site={SITE}&device=x", 404, "noc", get=True),
    No("output of a step elsewhere",
       f"/playbooks/runs/3/output?site={OTHER}&device=router&step=1", 404, "technician", MINE,
       get=True),
    No("output of no step", f"{RUN}/output?site={SITE}&device=router&step=x", 404, "noc",
       get=True),
    No("runs in a state that is none", "/playbooks/runs?state=broken", 400, "noc", get=True),
    No("runs of page zero", "/playbooks/runs?page=0", 400, "noc", get=True),
    # archives
    No("archives elsewhere", f"/playbooks/archives/{OTHER}", 404, "technician", MINE, get=True),
    No("a village takes a configuration", f"{TAKE}/router-x-20261120T010000Z", 403, "village",
       (SITE,), get=True, says=ROLE),
    No("a viewer compares them", f"{TAKE}?to=router-x-20261120T010000Z", 403, "viewer", get=True),
    No("an archive that is none", f"{TAKE}/secret.key", 404, "admin", get=True),
    No("a way out of the folder", f"{TAKE}/..%2f..%2fsecret.key", 404, "admin", get=True),
    No("a comparison of none", f"{TAKE}?to=x", 404, "admin", get=True),
    # devices
    No("a technician at the devices", "/playbooks/hosts", 403, "technician", get=True, says=ROLE),
    No("a village at a device", f"{KEYS}?site={SITE}&device=router", 403, "village", (SITE,),
       get=True),
    No("a device of another area", f"{KEYS}?site={OTHER}&device=router", 404, "noc", MINE,
       get=True),
    No("a device that is not kept", f"{KEYS}?site={SITE}&device=x", 404, "noc", get=True),
    No("a technician keeps a device", KEYS, 403, "technician", fields={"site": SITE, **HOST}),
    No("a device kept elsewhere", KEYS, 404, "noc", MINE, fields={"site": OTHER, **HOST}),
    No("a machine of the centre by an area", KEYS, 404, "noc", MINE, fields={"site": "", **HOST}),
    No("a device forgotten elsewhere", KEYS, 404, "noc", MINE,
       fields={"site": OTHER, "device": "router", "do": "remove"}),
    No("a device that is not ours to send", KEYS, 400, "noc", fields={"site": SITE, **HOST},
       form_on=""),
    No("a device at a site that is none", KEYS, 422, "noc",
       fields={"site": "35.10.99.2001", **HOST}),
    # what begins without anybody there
    No("a technician at the schedules", PLANS, 403, "technician", get=True, says=ROLE),
    No("a technician sets a schedule", PLANS, 403, "technician", fields=DAILY),
    No("a schedule elsewhere", PLANS, 403, "noc", THEIRS, fields=DAILY, says=AREA),
    No("a schedule of more than one's area", PLANS, 403, "noc", MINE,
       fields=DAILY | {"scope": "35.10"}, says=AREA),
    No("a schedule of what asks for a secret", PLANS, 404, "noc",
       fields=DAILY | {"playbook": "uji-sandi"}),
    No("a schedule that is not ours to send", PLANS, 400, "noc", fields=DAILY, form_on=""),
    No("a schedule cancelled elsewhere", f"{PLANS}/1/cancel", 404, "noc", THEIRS),
    No("a technician cancels one", f"{PLANS}/1/cancel", 403, "technician", MINE, says=ROLE),
    No("a technician switches one on", AUTO, 403, "technician", fields={"a_day": "1"}),
    No("somebody of an area switches one on", AUTO, 403, "noc", MINE, fields={"a_day": "1"},
       says=AREA),
    No("a yellow one is switched on", "/playbooks/uji-dns/automatic", 400, "noc",
       fields={"a_day": "1"}),
    No("a switch that is not ours", AUTO, 400, "admin", fields={"a_day": "1"}, form_on=""),
]  # fmt: skip


@pytest.mark.parametrize("no", TABLE, ids=lambda no: no.id)
def test_it_is_refused(
    no: No, field: Field, store: Engine, signed_in: Callable[..., Visitor]
) -> None:
    field.run(SITE)
    red = {"playbook": "uji-nyala", "level": "red", "by": "noc.a"}
    field.run(SITE, state=RunState.PROPOSED, **red)
    field.run(SITE, OTHER, state=RunState.PROPOSED, **red | {"by": "rian"})
    with writing(store) as connection:
        daily = Schedule("uji-lihat", {}, SITE, "03.00", "Asia/Jakarta", "rian")
        schedules.add(connection, daily, field.now)
    before = rows(store)
    browser = signed_in(no.who, no.areas)
    if no.get:
        answer = browser.get(no.path)
    elif no.form_on:
        answer = browser.post(no.path, no.form_on, **no.fields)
    else:
        answer = browser.client.post(no.path, data=no.fields)
    assert answer.status_code == no.status
    assert no.says in answer.get_data(as_text=True)
    assert rows(store) == before


def rows(store: Engine) -> object:
    """What a request that is refused leaves as it was."""
    with reading(store) as connection:
        return (
            run_search.newest(connection),
            run_search.marks(connection),
            host_rows.everywhere(connection, 9),
            schedules.standing(connection),
            automatic.listing(connection),
        )


GETS = ["/playbooks", "/playbooks/uji-dns", "/playbooks/runs", "/playbooks/runs/1",
        "/playbooks/hosts", f"/playbooks/archives/{SITE}",
        "/playbooks/schedules"]  # fmt: skip


@pytest.mark.parametrize("path", GETS)
def test_a_stranger_signs_in_first(path: str, field: Field, visitor: Callable[[], Visitor]) -> None:
    answer = visitor().get(path)
    assert answer.status_code == 303 and "/login?next=" in answer.headers["Location"]
