"""A guest's way through a real openNDS: led there, through its two forms, in, and out again."""

from collections.abc import Iterator

import pytest

from tests.agent.hotspot.village import Look, Village

pytestmark = pytest.mark.slow

LOGIN = {
    "portal": "http://10.77.0.1:2050/",
    "login": True,
    "logout": "http://10.77.0.1:2050/opennds_deny/",
    # its pages come from shell scripts
    "timeout_s": 60,
}
BILL = "the provider's billing page comes instead of the internet"


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    made = Village(tmp_path_factory.mktemp("village"))
    try:
        made.serve()
        made.lease()
        made.opennds()
        yield made
    finally:
        made.close()


def looked(village: Village, broken: list[str]) -> Look:
    """The first of a few looks at which just this is broken, or the last of them.

    On a busy machine openNDS loses the end of one of its own scripts now and then, and answers
    that guest with an error, which is then rightly told.
    """
    for _ in range(5):
        seen = village.look(**LOGIN)
        if seen.broken == broken:
            break
    return seen


def test_a_guest_gets_in_by_the_terms_and_is_a_guest_again(village: Village) -> None:
    for _ in range(2):
        seen = looked(village, [])
        assert (seen.verdict, seen.reason, seen.broken) == ("good", "", [])
        assert len(seen.known) == 5


def test_the_providers_bill_is_told_from_the_portal(village: Village) -> None:
    village.mode("internet", "bill")
    seen = looked(village, ["internet"])
    village.mode("internet", "well")
    assert (seen.reason, seen.broken, seen.suspended) == (BILL, ["internet"], True)


def test_a_dead_opennds_is_seen_and_its_return(village: Village) -> None:
    village.stop("opennds")
    seen = village.look(**LOGIN)
    assert seen.broken == ["portal"]
    assert seen.reason.startswith("the login page does not appear: ")
    village.gate.run("nft", "flush", "ruleset")
    seen = village.look(**LOGIN)
    assert seen.broken == ["portal"]
    assert seen.reason.endswith("10.77.0.1:2050 refuses the connection"), "nor can we sign out"
    village.opennds()
    assert looked(village, []).verdict == "good"
