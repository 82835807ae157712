"""One file with everything held about a person, for whoever asks for their own."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from collector.holdings import Section
from collector.persons import Person

FORM = 1


def written(person: Person, sections: Sequence[Section], now: float, by: str) -> str:
    """JSON; times in rows are seconds since 1970, UTC."""
    told: dict[str, Any] = {
        "form": FORM,
        "made_at": f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "made_by": by,
        "times": "seconds since 1970-01-01T00:00:00Z",
        "person": {
            "account": person.account,
            "contacts": [one.key for one in person.contacts],
            "addresses": sorted(person.addresses),
        },
        "held": {
            one.name: {"total": one.total, "rows": [_row(row) for row in one.rows]}
            for one in sections
        },
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _row(row: Any) -> dict[str, Any]:
    """What is JSON inside of a column is shown as what it is."""
    return {name: _opened(value) for name, value in row.items()}


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
