"""The document: valid by itself, open to everybody, and nothing in it is without words."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from tests.each import for_each
from tests.web.api.conftest import V1
from web.api import openapi
from web.api.endpoints import ENDPOINTS, GROUPS


@pytest.fixture(scope="module")
def told() -> Mapping[str, Any]:
    return openapi.document()


@pytest.mark.slow
def test_the_document_is_sound(told: dict[str, Any]) -> None:
    # it brings in three hundred modules, for which each worker would wait
    from openapi_spec_validator import OpenAPIV31SpecValidator, validate

    validate(told, cls=OpenAPIV31SpecValidator)


def test_it_is_served_to_whoever_asks(app: Flask, told: Mapping[str, Any]) -> None:
    answer = app.test_client().get(f"{V1}/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.get_json() == told


def test_every_endpoint_of_the_table_stands_in_it(told: Mapping[str, Any]) -> None:
    named = {
        operation["operationId"] for path in told["paths"].values() for operation in path.values()
    }
    assert named == {one.name for one in ENDPOINTS}
    assert len(named) == len(ENDPOINTS), "a name stands twice"


def test_shapes_have_names_that_people_can_say(told: Mapping[str, Any]) -> None:
    assert [name for name in told["components"]["schemas"] if "." in name] == []


@for_each("one", ENDPOINTS, ids=lambda one: one.name)
def test_an_endpoint_says_what_it_does_in_a_known_group(one: Any) -> None:
    assert one.about
    assert one.group in GROUPS
