"""A mistyped area is refused, and what lies near it is named."""

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import writing
from collector.inventory import whereabouts
from collector.inventory.keeping import put

KNOWN = {"35.10.06.2005": "Benculuk", "35.10.06.2007": "Tampo", "35.11.01.2001-sd": "SD Tapen"}


def test_what_is_not_there_is_refused_with_what_is_near_it(store: Engine) -> None:
    with writing(store) as connection:
        whereabouts.check(connection, "99")  # nothing is known yet
        rows = [{"code": code, "name": name} for code, name in KNOWN.items()]
        put(connection, "sites", rows, 0.0, "test")
        put(connection, "areas", [{"code": "35.10", "name": "Banyuwangi"}], 0.0, "test")
        for there in (*KNOWN, "35", "35.10", "35.10.06", "35.11.01.2001"):
            whereabouts.check(connection, there)
        for wrong, near in {
            "35.12": "35.10 Banyuwangi, 35.11",
            "35.10.60": "35.10.06",
            "35.10.06.2008": "35.10.06.2005 Benculuk, 35.10.06.2007 Tampo",
            "53": "35",
        }.items():
            with pytest.raises(Refused) as refused:
                whereabouts.check(connection, wrong)
            assert refused.value.place == "area"
            said = f"{wrong} is no area of the inventory; near it are {near}"
            assert refused.value.problem.startswith(said)
