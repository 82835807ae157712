"""An area is split while its villages are watched: agents go on, history stays with its site."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from collector.db import open_store, reading
from collector.schema import states
from tests.stories.centre import Centre, wait_for
from tests.stories.test_configuration import A, agents, bring

pytestmark = [pytest.mark.slow, pytest.mark.soak]
NEW = "35.10.25.2001"


def shown(centre: Centre, code: str) -> Any:
    return next((one for one in centre.ask("sites", "list") if one["code"] == code), {})


def test_an_agent_goes_on_under_the_new_code_and_nothing_of_before_is_lost(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "var")
    with centre:
        bring(centre, tmp_path, "sites", f"code,name,report_every_s\n{A},Benculuk,2\n")
        with agents(centre, tmp_path, [A]):
            wait_for("the village is seen", lambda: shown(centre, A).get("state") == "normal")
            wait_for("three reports", lambda: counted(centre, A) >= 3)
            before = counted(centre, A)
            centre.stop()
            before_it = spells(centre, A)
            file = tmp_path / "codes.csv"
            file.write_text(f"old,new\n{A},{NEW}\n")
            done = centre.run("sites", "recode", str(file))
            assert done.returncode == 0, done.stderr
            centre.start()
            wait_for("reports under the new code", lambda: counted(centre, NEW) > before + 3)
            assert shown(centre, NEW)["name"] == "Benculuk"
            assert spells(centre, NEW)[: len(before_it)] == before_it and spells(centre, A) == []
            assert shown(centre, A) == {} and counted(centre, A) == 0
            assert [one["site"] for one in centre.ask("agents", "list")] == [NEW]


def spells(centre: Centre, code: str) -> list[tuple[float, str]]:
    """Since when the site has been in each of its states."""
    store = open_store(centre.settings)
    with reading(store) as connection:
        chosen = select(states.c.since, states.c.state).where(states.c.site == code)
        found = connection.execute(chosen.order_by(states.c.since)).all()
    store.dispose()
    return [(row.since, row.state) for row in found]


def counted(centre: Centre, code: str) -> int:
    """Samples of the last ten minutes under this code."""
    text = f'sum(count_over_time(ronda_host_load1{{site="{code}"}}[10m])) or vector(0)'
    (row,) = centre.ask("query", text)["data"]["result"]
    return int(float(row["value"][1]))
