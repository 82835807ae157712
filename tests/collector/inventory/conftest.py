"""A migrated, empty store for tests of the inventory."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from collector import db
from collector.inventory.importing import bring, parse
from collector.inventory.keeping import Outcome

Take = Callable[[str, str], Outcome]


@pytest.fixture
def take(store: Engine) -> Take:
    """Import the text of a file of one kind."""

    def read(kind: str, text: str) -> Outcome:
        parsed = parse(kind, text.encode(), f"{kind}.csv")
        with db.writing(store) as connection:
            return bring(connection, parsed, 1000.0, "siti")

    return read
