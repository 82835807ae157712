"""Sites by the API: the live list and one site, within the token's areas."""

from collections.abc import Mapping

from tests.web.api.conftest import AREA, Programs

Villages = Mapping[str, str]


def test_the_list_has_every_site_by_code(program: Programs, villages: Villages) -> None:
    told = program("viewer").get("/sites")
    assert [(one["code"], one["state"]) for one in told["items"]] == [
        (villages["mine"], "down"), (villages["other"], "normal"),
    ]  # fmt: skip
    assert told["items"][0]["checks"][0]["verdict"] == "bad"
    assert told["next"] is None


def test_a_page_ends_where_the_next_begins(program: Programs, villages: Villages) -> None:
    asks = program("viewer")
    first = asks.get("/sites", limit=1)
    rest = asks.get("/sites", limit=1, cursor=first["next"])
    assert [one["code"] for one in first["items"] + rest["items"]] == list(villages.values())
    assert rest["next"] is None


def test_a_token_of_an_area_lists_that_area(program: Programs, villages: Villages) -> None:
    for asks in (program("viewer", AREA), program("viewer", site=villages["mine"])):
        assert [one["code"] for one in asks.get("/sites")["items"]] == [villages["mine"]]


def test_one_site_tells_how_its_state_is_known(program: Programs, villages: Villages) -> None:
    told = program("viewer").get(f"/sites/{villages['mine']}")
    assert (told["state"], told["evidence"], told["incidents"]) == ("down", [], [])


def test_a_site_elsewhere_is_answered_like_none(program: Programs, villages: Villages) -> None:
    asks = program("viewer", AREA)
    there = asks.ask("GET", f"/sites/{villages['other']}")
    none = asks.ask("GET", "/sites/35.10.11.9999")
    assert (there.status_code, there.data) == (none.status_code, none.data)
    assert there.status_code == 404
