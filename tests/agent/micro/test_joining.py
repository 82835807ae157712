"""The OpenWrt agent enrols once, by a code, and follows what its centre wants looked at."""

import json
import time
from typing import Any

import pytest

from collector import agents, db
from collector.inventory.keeping import put
from tests.agent.micro.device import Device
from tests.collector.intake.conftest import SITE
from tests.collector.intake.test_server import eventually

pytestmark = pytest.mark.slow


def settings(device: Device, ingest: Any, code: str) -> None:
    url = f"http://127.0.0.1:{ingest.port}"
    device.settings(SITE=SITE, URL=url, CODE=code, CA="", WAN="wan", EVERY_S="", VERSION="0.1")


def new_code(ingest: Any, days: float = 30, approval: bool = False) -> str:
    with db.writing(ingest.engine) as connection:
        return agents.issue_code(connection, SITE, time.time(), days, approval)


def known(ingest: Any) -> list[dict[str, Any]]:
    with db.reading(ingest.engine) as connection:
        return agents.list_agents(connection, SITE)


REFUSED = {
    "unknown": "AAAA-AAAA-AAAA-AAAA",
    "garbage": "ABCD",
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_a_code_that_is_refused_is_told_once(device: Device, ingest: Any, code: str) -> None:
    settings(device, ingest, code)
    for _ in range(2):
        assert device.once().returncode == 1
    assert device.said == ["the centre refuses the code: make the script anew"]
    assert not (device.etc / "token").exists()


def test_a_lost_answer_burns_no_code(device: Device, ingest: Any) -> None:
    curl = (device.bin / "curl").readlink()
    (device.bin / "curl").unlink()
    # the request gets through, the answer does not
    device.put("curl", f'#!/bin/sh\n{curl} "$@" >/dev/null\nexit 56\n')
    assert device.once().returncode == 1
    (device.bin / "curl").unlink()
    device.with_curl()
    assert device.once().returncode == 0
    assert [agent["state"] for agent in known(ingest)] == ["active"]
    assert not (device.etc / "nonce").exists()


def test_a_device_waits_for_approval(device: Device, ingest: Any) -> None:
    settings(device, ingest, new_code(ingest, approval=True))
    assert device.once().returncode == 1
    assert device.said == ["the centre's people have not approved this device yet"]
    (agent,) = known(ingest)
    with db.writing(ingest.engine) as connection:
        agents.approve(connection, agent["id"], time.time())
    assert device.once().returncode == 0


def test_a_new_code_in_the_settings_renews_the_token(device: Device, ingest: Any) -> None:
    device.once()
    before = (device.etc / "token").read_text()
    settings(device, ingest, new_code(ingest))
    assert device.once().returncode == 0
    assert (device.etc / "token").read_text() != before
    assert len(known(ingest)) == 2


def test_a_device_that_was_shut_out_says_so_and_keeps_its_reports(
    device: Device, ingest: Any
) -> None:
    device.once()
    with db.writing(ingest.engine) as connection:
        agents.revoke(connection, known(ingest)[0]["id"])
    time.sleep(1.2)
    assert device.once().returncode == 1
    assert device.said[-1].endswith("make its script anew")
    assert len(device.waiting) == 1


def test_it_tells_what_it_knows_and_gets_nothing_else(device: Device, ingest: Any) -> None:
    with db.writing(ingest.engine) as connection:
        rows = [
            {"name": "basis data", "kind": "mysql", "target": "192.168.1.5", "site": SITE},
            {"name": "sideka", "kind": "http", "target": "http://127.0.0.1:1/", "site": SITE},
        ]
        put(connection, "services", rows, 2.0, "siti")
    device.once()
    (agent,) = known(ingest)
    assert agent["release"] == "0.1"
    names = [line.split("\x1f")[1] for line in (device.run / "checks").read_text().splitlines()]
    assert "sideka" in names and "basis data" not in names
    tag = (device.etc / "tag").read_text()
    with db.writing(ingest.engine) as connection:
        put(connection, "services", [{**rows[1], "name": "buku"}], 3.0, "siti")
    time.sleep(1.2)
    device.once()
    newer = (device.etc / "tag").read_text()
    assert newer != tag
    # which one it runs is known there as well, and not only with the next change
    assert eventually(lambda: known(ingest)[0]["config_etag"] == newer.strip())
    assert "buku" in (device.run / "checks").read_text()


def test_what_is_no_configuration_is_not_taken(device: Device, ingest: Any) -> None:
    device.once()
    (device.etc / "tag").write_text("old\n")
    kept = (device.etc / "config").read_text()
    curl = (device.bin / "curl").readlink()
    (device.bin / "curl").unlink()
    other = json.dumps({"site": "35.10.06.9999", "checks": []})
    device.put(
        "curl",
        f'#!/bin/sh\n{curl} "$@" || exit\n'
        f"case $* in */config*) printf '%s' '{other}' >{device.run}/answer ;; esac\n",
    )
    assert device.once().returncode == 0
    assert device.said[-1] == "the configuration is not taken: it is of another site"
    assert eventually(lambda: known(ingest)[0]["config_error"] == "it is of another site")
    assert (device.etc / "config").read_text() == kept
