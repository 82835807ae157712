"""The site of the machine the centre itself runs on, so that somebody watches the watchman."""

import socket
import sys
import time

from sqlalchemy import Connection, Engine

from collector import db, inventory
from collector.agents import issue_code
from collector.config import nearby
from collector.db import meta_get, meta_set, writing
from collector.inventory.applying import OWN_SITE
from collector.inventory.keeping import put
from collector.settings import Settings
from collector.supervise import Child, Supervisor, say

# no area of Indonesia begins with 00
CODE = "00.00.00.0001"
REPORT_EVERY_S = 10
CODE_DAYS = 1


def watch(settings: Settings, centre: Supervisor, limit_s: float) -> None:
    """Have an agent of its own run beside the centre's processes, enrolled at the first time."""
    folder = settings.folder / "agent"
    environment = {"RONDA_AGENT_DATA": str(folder.resolve())}
    if not (folder / "identity.json").exists():
        scheme = "https" if settings.cert else "http"
        url = settings.ingest_url or f"{scheme}://{nearby(settings.ingest)}"
        code = own_site_code(db.open_store(settings), time.time())
        command = [sys.executable, "-m", "agent.cli", "enrol", url, code]
        if settings.cert:
            command += ["--ca", settings.cert]
        if (done := centre.finish([*command, "--wait", f"{limit_s:.0f}"], environment)) is None:
            return
        if done.returncode != 0:
            say(f"this machine could not be enrolled: {(done.stderr or done.stdout).strip()}")
            return
    command = [sys.executable, "-m", "agent.cli", "run"]
    centre.add(Child("agent", command, environment, order=0))


def own_site_code(store: Engine, now: float) -> str:
    """A fresh enrolment code for this machine; its site is made the first time."""
    with writing(store) as connection:
        code = meta_get(connection, OWN_SITE)
        if not code or inventory.site(connection, code) is None:
            code = _make_site(connection, now)
        return issue_code(connection, code, now, CODE_DAYS)


def _make_site(connection: Connection, now: float) -> str:
    areas = [
        {"code": "00", "name": "Ronda", "level": "province"},
        {"code": "00.00", "name": "Ronda", "level": "regency"},
        {"code": "00.00.00", "name": "Pusat", "level": "district"},
    ]
    site = {
        "code": CODE,
        "name": f"Pusat ({socket.gethostname()})",
        "report_every_s": REPORT_EVERY_S,
    }
    put(connection, "areas", areas, now, "ronda")
    put(connection, "sites", [site], now, "ronda")
    meta_set(connection, OWN_SITE, CODE)
    return CODE
