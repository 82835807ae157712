"""The API against its own document: sound and unsound requests, made up by schemathesis."""

from collections.abc import Mapping

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis.config import SchemathesisConfig
from sqlalchemy import Engine

from tests.web.api.conftest import V1
from tests.web.conftest import NOW
from web import tokens
from web.api.endpoints import ENDPOINTS

EXAMPLES = 12
CONFIG = {
    "generation": {"deterministic": True, "mode": "all"},
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "422"]}},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in ENDPOINTS])
def test_the_document_tells_the_truth(
    name: str, app: Flask, store: Engine, villages: Mapping[str, str]
) -> None:
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", app, config=config)
    token = tokens.issue(store, "tiket", "admin", "", "", NOW)
    operation = schema.find_operation_by_id(name)

    @given(case=operation.as_strategy())
    @bounds(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    ask()
