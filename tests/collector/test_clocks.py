"""Every column that looks like a time is named as what it is, once."""

import re
from collections import Counter

from sqlalchemy import Float, Integer

from collector import schema
from collector.clocks import NO_TIMES, Time, columns, named

# of whole numbers: minutes, hours and days since 1970
WHOLE = re.compile(r"(^|_)(at|since|until|began|begins|ends|hour|day)$")


def test_every_column_that_may_hold_a_time_says_which() -> None:
    tables = [*schema.metadata.tables.values(), *schema.history.tables.values()]
    looks = {
        str(column)
        for table in tables
        for column in table.columns
        if isinstance(column.type, Float)
        or (isinstance(column.type, Integer) and WHOLE.search(column.name))
    }
    told = Counter(str(column) for kind in Time for column in columns(kind))
    told.update(str(column) for column in named(NO_TIMES))
    assert sorted(looks - told.keys()) == [], "name them in collector/clocks.py"
    assert sorted(told.keys() - looks) == []
    assert [name for name, times in told.items() if times > 1] == []
