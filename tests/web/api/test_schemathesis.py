"""The API against its own document: sound and unsound requests, made up by schemathesis."""

import itertools
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from sqlalchemy import Engine

from collector.settings import Settings
from tests.amounts import times
from tests.web.api import world
from tests.web.conftest import NOW, Numbers
from web import tokens
from web.api import openapi
from web.api.endpoints import ENDPOINTS
from web.api.table import PREFIX, Endpoint
from web.app import furnish

pytestmark = pytest.mark.slow

EXAMPLES = times(2)
# what may be said of a sound request: no such filter, it is so already, is over, cannot be
SOUND = ["2xx", "400", "404", "409", "412", "422"]
UNSOUND = ["400", "401", "403", "404", "405", "409", "412", "415", "422", "428"]
CONFIG = {
    # NUL is refused everywhere: test_refusals.py
    "generation": {"deterministic": True, "allow-x00": False},
    "checks": {
        "positive_data_acceptance": {"expected-statuses": SOUND},
        # who was overtaken hears that before what else is wrong
        "negative_data_rejection": {"expected-statuses": UNSOUND},
    },
}
NAMED = {one.name: one for one in ENDPOINTS}


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document, with things that there are in its paths."""
    told = openapi.document()
    for one in ENDPOINTS:
        operation = told["paths"][PREFIX + one.path][one.method.lower()]
        for param in operation["parameters"]:
            if param["in"] == "path":
                param["schema"]["enum"] = found_at(one, param["name"])
    return schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(CONFIG))


def found_at(one: Endpoint, name: str) -> list[Any]:
    return [value for value in dict.fromkeys(world.values(one.path, name)) if value is not None]


@pytest.fixture
def app(bare_console: Flask, settings: Settings, whole: Engine, numbers: Numbers) -> Flask:
    """The console over a whole regency; its clock goes on with every look."""
    ticks = itertools.count()
    furnish(bare_console, settings, whole, numbers, lambda: NOW + next(ticks), lambda: 0)
    return bare_console


@pytest.mark.parametrize("name", NAMED)
def test_the_document_tells_the_truth(schema: Any, app: Flask, whole: Engine, name: str) -> None:
    token = tokens.issue(whole, "tiket", "admin", "", "", NOW)
    # what is packed it does not open
    said = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    # what it remembers of an operation holds the app of the test before
    schema.app, operation = app, schema.find_operation_by_id(name)
    operation.app = app

    def mark_of(case: schemathesis.Case) -> str:
        path = case.formatted_path.removesuffix("/apply")
        if "/people/" in path:
            path = "/".join(path.split("/")[:5])
        return app.test_client().get(path, headers=said).headers.get("ETag", '"none"')

    sound, unsound = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @given(good=sound, bad=unsound)
    @bounds(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(good: schemathesis.Case, bad: schemathesis.Case) -> None:
        seen = {"If-Match": mark_of(good)} if NAMED[name].revised else {}
        good.call_and_validate(headers=said | seen)
        bad.call_and_validate(headers=said)

    ask()
