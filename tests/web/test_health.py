"""/healthz and /metrics: well, or not and why; figures for those who may."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from web import tokens

NOW = 1795425120.0
AWAY = {"REMOTE_ADDR": "10.0.0.9"}


def test_well(regency: Any, visitor: Callable[[], Any]) -> None:
    answer = visitor().get("/healthz")
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["status"], body["database"], body["fold_lag_s"]) == ("ok", "ok", 0.1)
    assert set(body) == {"status", "database", "fold_lag_s", "version"}


@pytest.mark.parametrize(
    ("at", "lag_s", "says"),
    [
        pytest.param(NOW, 31.0, "the fold is 31 s behind", id="the fold is behind"),
        pytest.param(NOW - 45, 0.1, "the fold is 45 s behind", id="the engine is dead"),
    ],
)
def test_behind(
    at: float, lag_s: float, says: str, regency: Any, visitor: Callable[[], Any]
) -> None:
    regency.fold(at, lag_s)
    answer = visitor().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == says


def test_where_there_is_one_engine_it_is_the_one_that_works(
    regency: Any, visitor: Callable[[], Any]
) -> None:
    assert visitor().get("/healthz?engine").status_code == 200


def test_a_centre_that_has_not_begun_is_well(store: Engine, visitor: Callable[[], Any]) -> None:
    assert visitor().get("/healthz").status_code == 200


def test_the_database_is_gone(regency: Any, store: Engine, visitor: Callable[[], Any]) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("DROP TABLE meta")
    answer = visitor().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["database"] == "gone"


def test_a_disk_without_room_is_said_on_the_page(
    app: Flask, regency: Any, store: Engine, visitor: Callable[[], Any]
) -> None:
    visitor().get("/healthz")
    with app.test_request_context("/"):
        with pytest.raises(OperationalError) as full, store.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            connection.exec_driver_sql("CREATE TABLE more (words)")
            connection.exec_driver_sql("INSERT INTO more VALUES (zeroblob(100000))")
        page, status = app.handle_user_exception(full.value)
    assert (status, "Disk penuh" in page) == (503, True)


def test_figures_on_this_machine(regency: Any, visitor: Callable[[], Any]) -> None:
    text = visitor().get("/metrics").get_data(as_text=True)
    assert "ronda_fold_lag_seconds 0.1" in text
    assert "ronda_console_live_clients 0.0" in text
    assert 'ronda_console_requests_total{status="2xx"}' in visitor().page("/metrics")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_figures_elsewhere_with_a_token(
    scheme: str, regency: Any, store: Engine, visitor: Callable[[], Any]
) -> None:
    token = tokens.issue(store, "prometheus", "viewer", "", "", NOW)
    if scheme == "Basic":
        answer = visitor().get("/metrics", environ_base=AWAY, auth=("any", token))
    else:
        headers = {"Authorization": f"Bearer {token}"}
        answer = visitor().get("/metrics", environ_base=AWAY, headers=headers)
    assert answer.status_code == 200


def test_figures_elsewhere_for_the_control_room(
    regency: Any, signed_in: Callable[..., Any]
) -> None:
    assert signed_in("noc").get("/metrics", environ_base=AWAY).status_code == 200


def test_a_token_for_one_area_does_not_open_the_figures(
    regency: Any, store: Engine, visitor: Callable[[], Any]
) -> None:
    token = tokens.issue(store, "app", "viewer", "35.10", "", NOW)
    headers = {"Authorization": f"Bearer {token}"}
    assert visitor().get("/metrics", environ_base=AWAY, headers=headers).status_code == 403
