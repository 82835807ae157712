"""The public files: what is in them, that nothing of a person is, and that metadata are valid."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from collector.settings import Settings
from tests.web.conftest import OTHER, SITE
from tests.web.opendata.conftest import DAY, HIDDEN, SECRETS
from web.context import of
from web.opendata.datasets import DATASETS
from web.opendata.files import FORMS

pytestmark = pytest.mark.usefixtures("open_centre")

ENDS = ("csv", "json", "parquet")


def name_of(dataset: str) -> str:
    return "sites" if dataset == "sites" else DAY.isoformat()


def rows(anybody: Any, dataset: str) -> list[dict[str, Any]]:
    told = json.loads(anybody.page(f"/data/{dataset}/{name_of(dataset)}.json"))
    assert told["dataset"] == dataset
    found: list[dict[str, Any]] = told["rows"]
    return found


def everything(anybody: Any) -> dict[str, bytes]:
    """Every address that a program comes to from the catalogue, and a person from its page."""
    found: dict[str, bytes] = {}
    waiting = ["/data/", "/data/?lang=en", "/data/catalog.json"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = anybody.get(path)
        assert answer.status_code == 200, path
        found[path] = answer.get_data()
        text = found[path].decode("utf-8", "replace")
        links = re.findall(r'"(/data/[^"{}]+)"', text)
        for template in re.findall(r'"(/data/[^"]+\{date\}[^"]+)"', text):
            links.append(template.replace("{date}", DAY.isoformat()))
        waiting += [link for link in links if "file" not in link]
    return found


def test_the_catalogue_is_there_without_its_slash_and_names_no_machine(anybody: Any) -> None:
    answer = anybody.get("/data")
    assert answer.status_code == 200 and "Location" not in answer.headers


def test_nothing_personal_stands_in_any_public_file(anybody: Any) -> None:
    files = everything(anybody)
    assert {f"/data/{d}/{name_of(d)}.{end}" for d in DATASETS for end in ENDS} <= set(files)
    words = [word.encode() for word in (*SECRETS, "Rahasia", HIDDEN)]
    assert [(path, word) for path, body in files.items() for word in words if word in body] == []


def test_no_count_in_any_public_file_is_under_five(anybody: Any) -> None:
    for dataset in DATASETS.values():
        counts = [column.name for column in dataset.open if column.counts]
        for row in rows(anybody, dataset.name):
            small = {name: row[name] for name in counts if row[name] and row[name] < 5}
            assert small == {}
            assert all(row[name] is None or row[name] % 5 == 0 for name in counts)


def test_what_each_dataset_tells(anybody: Any) -> None:
    found = {row["site_code"]: row for row in rows(anybody, "availability")}
    assert set(found) == {SITE, OTHER}
    assert found[SITE]["availability_percent"] == 95.83
    assert found[SITE]["down_percent"] == 4.16
    assert (found[SITE]["date"], found[SITE]["district_name"]) == ("2026-11-22", "Cluring")
    first, second = rows(anybody, "wifi")
    # the one that is kept off is in no sum
    told = [first[name] for name in ("district_code", "people_peak", "person_hours", "gigabytes")]
    assert told == ["35.10.06", 20, 480, 35]
    # one person, all day: 24 person-hours tell of nobody else
    hidden = [second[name] for name in ("people_peak", "person_hours", "gigabytes", "suppressed")]
    assert hidden == [None, None, None, True]
    incidents = rows(anybody, "incidents")
    assert [(r["district_code"], r["cause"], r["opened"], r["resolved"]) for r in incidents] == [
        ("35.10.06", "fiber", 5, 0),
        ("35.10.11", "power", None, None),
    ]
    (one, _) = rows(anybody, "sites")
    assert (one["village_code"], one["regency_code"], one["province_code"]) == (
        SITE,
        "35.10",
        "35",
    )


def test_csv_says_the_same_as_json(anybody: Any) -> None:
    for dataset in DATASETS:
        text = anybody.page(f"/data/{dataset}/{name_of(dataset)}.csv")
        read = list(csv.DictReader(io.StringIO(text)))
        told = rows(anybody, dataset)
        assert [list(row) for row in read] == [list(row) for row in told]
        for mine, theirs in zip(read, told, strict=True):
            words = {k: "" if v is None else str(v) for k, v in theirs.items()}
            words |= {k: v.lower() for k, v in words.items() if v in ("True", "False")}
            assert mine == words


@pytest.mark.parametrize("dataset", DATASETS)
def test_metadata_are_valid_and_tell_of_every_column(anybody: Any, dataset: str) -> None:
    schema = json.loads(anybody.page("/data/schema.json"))
    Draft202012Validator.check_schema(schema)
    told = json.loads(anybody.page(f"/data/{dataset}/metadata.json"))
    assert list(Draft202012Validator(schema).iter_errors(told)) == []
    (row, *_) = rows(anybody, dataset)
    assert [column["name"] for column in told["columns"]] == list(row)
    assert told["producer"] == "Diskominfo Banyuwangi"
    assert {each["format"] for each in told["files"]} == set(FORMS)
    assert any(each["id"] == "kemendagri" and each["edition"] for each in told["code_lists"])
    assert told["period"]["last"] == (None if dataset == "sites" else DAY.isoformat())
    # not everything is valid
    assert list(Draft202012Validator(schema).iter_errors({**told, "producer": ""}))


def test_a_file_has_a_mark_and_is_not_sent_twice(anybody: Any) -> None:
    path = f"/data/availability/{DAY}.csv"
    first = anybody.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    again = anybody.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/data/availability/2026-11-23.csv",
        "/data/availability/20261122.csv",
        "/data/availability/2026-11-01.csv",
        "/data/availability/sites.csv",
        "/data/availability/2026-11-22.xlsx",
        "/data/sites/2026-11-22.csv",
        "/data/people/2026-11-22.csv",
        "/data/people/metadata.json",
        "/data/nowhere",
    ],
    ids=["today", "another spelling", "before the first", "no day", "no such form"]
    + ["a list has no day", "no such dataset", "nor its metadata", "nothing"],
)
def test_what_is_not_there(anybody: Any, path: str) -> None:
    answer = anybody.get(path)
    assert answer.status_code == 404
    assert "public" not in answer.headers.get("Cache-Control", "")


def test_nothing_is_there_until_somebody_opens_the_centre(
    app: Any, anybody: Any, settings: Settings
) -> None:
    app.extensions["ronda"] = replace(of(app), settings=replace(settings, public=False))
    for path in ("/data/", "/data/catalog.json", f"/data/availability/{DAY}.csv"):
        assert anybody.get(path).status_code == 404


def test_the_catalogue_is_read_in_both_languages(anybody: Any) -> None:
    assert "Ketersediaan internet desa" in anybody.page("/data/")
    page = anybody.page("/data/?lang=en")
    assert "Availability of village internet" in page and "Open data" in page
    assert len(page.encode()) < 30_000


def test_a_village_that_changed_its_code_keeps_the_one_of_the_day(
    anybody: Any, store: Any, seal: Callable[..., None]
) -> None:
    from sqlalchemy import insert

    from collector.db import writing
    from collector.schema import aliases

    seal("35.10.06.2099")
    with writing(store) as connection:
        row = {"old": "35.10.06.2099", "new": SITE, "at": 0.0}
        connection.execute(insert(aliases).values(**row))
    codes = [row["site_code"] for row in rows(anybody, "availability")]
    assert codes == [SITE, "35.10.06.2099", OTHER]
