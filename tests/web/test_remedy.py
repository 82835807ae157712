"""What an incident suggests begins by itself: green, chosen, so often a day, and not after harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.strict import Refused
from alerts import incidents
from alerts.incidents import New
from collector import schema
from collector.db import reading, writing
from collector.secret import load_secret
from playbooks import automatic, host_rows, library, run_rows
from playbooks.hosts import Host, Login
from playbooks.model import Platform
from playbooks.run_rows import Run
from tests.alerts.village import CODE, NINE, Village, village
from web.remedy import FRESH_S, Remedy

pytestmark = pytest.mark.slow

TEXT = """
name: {name}
title: {{id: Lihat, en: Look}}
level: {level}
changes: false
platforms:
  debian:
    do:
      - ip route
"""


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        folder = made.folder / "playbooks"
        folder.mkdir()
        for name, level in (("lihat", "green"), ("lihat-teknisi", "yellow")):
            (folder / f"{name}.yml").write_text(TEXT.format(name=name, level=level))
        host = Host(CODE, "pc", Platform.DEBIAN, "10.0.0.2", 22, Login("root", "x"), ())
        with writing(made.store) as connection:
            host_rows.put(connection, load_secret(made.folder), host, "", NINE, "siti")
        yield made


def choose(here: Village, name: str = "lihat", a_day: int = 2) -> None:
    playbook = library.load(here.settings.data).get(name)
    with writing(here.store) as connection:
        automatic.choose(connection, playbook, a_day, "siti", NINE - 60)


def incident(here: Village, at: float, playbook: str = "lihat") -> int:
    details = {"told": {"playbook": playbook}}
    new = New(f"x:{at}", "uplink", "critical", "Benculuk", at, site=CODE, details=details)
    with writing(here.store) as connection:
        return incidents.open_incident(connection, new, at)


def runs(here: Village) -> list[Run]:
    with reading(here.store) as connection:
        return run_rows.listing(connection)


def test_an_incident_begins_what_was_chosen_once(here: Village) -> None:
    choose(here)
    number = incident(here, NINE)
    remedy = Remedy(here.settings, here.store)
    for later in range(0, 60, 6):
        remedy.deliver(NINE + 1 + later)
    # nor does another engine begin it again
    Remedy(here.settings, here.store).deliver(NINE + 90)
    [run] = runs(here)
    assert (run.playbook, run.incident, run.by) == ("lihat", number, automatic.BY)


def test_nothing_begins_that_nobody_chose_or_that_is_not_suggested(here: Village) -> None:
    incident(here, NINE)
    Remedy(here.settings, here.store).deliver(NINE + 1)
    choose(here)
    incident(here, NINE, playbook="perbaiki-dns")
    incident(here, NINE - FRESH_S - 5)
    with writing(here.store) as connection:
        connection.execute(update(schema.incidents).values(opened_at=NINE - FRESH_S - 5))
    Remedy(here.settings, here.store).deliver(NINE + 1)
    assert runs(here) == []


def test_it_begins_so_many_times_a_day_at_a_site(here: Village) -> None:
    choose(here, a_day=2)
    remedy = Remedy(here.settings, here.store)
    for later in range(4):
        incident(here, NINE + later)
    remedy.deliver(NINE + 10)
    assert len(runs(here)) == 2
    incident(here, NINE + 90_000)
    remedy.deliver(NINE + 90_001)
    assert len(runs(here)) == 3


def test_one_that_did_not_end_well_stops_it_until_somebody_chooses_anew(here: Village) -> None:
    choose(here)
    incident(here, NINE)
    remedy = Remedy(here.settings, here.store)
    remedy.deliver(NINE + 1)
    with writing(here.store) as connection:
        connection.execute(update(schema.runs).values(state="failed"))
    incident(here, NINE + 10)
    remedy.deliver(NINE + 11)
    with reading(here.store) as connection:
        [one] = automatic.listing(connection)
    assert len(runs(here)) == 1 and one.off_why == f"run {runs(here)[0].id} ended as failed"


def test_one_that_was_held_back_does_not_stop_it(here: Village) -> None:
    choose(here)
    incident(here, NINE)
    remedy = Remedy(here.settings, here.store)
    remedy.deliver(NINE + 1)
    with writing(here.store) as connection:
        connection.execute(update(schema.runs).values(state="failed"))
        connection.execute(update(schema.run_hosts).values(state="blocked"))
    incident(here, NINE + 10)
    remedy.deliver(NINE + 11)
    assert len(runs(here)) == 2


def test_only_green_ones_may_be_chosen(here: Village) -> None:
    with pytest.raises(Refused, match="is yellow: only green ones"):
        choose(here, "lihat-teknisi")
    with pytest.raises(Refused, match="expected 1 to 24, got 0"):
        choose(here, a_day=0)
