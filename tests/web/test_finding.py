"""Numbers are found by those they concern: one's own, of areas around, of everybody."""

import pytest

from collector.inventory.scope import Scope
from web.finding import MOST, Numbers
from web.names import Mask

# by owner: whoever looks after it, or whose line it is
TOLD = [
    ("*", "111"),
    ("35", "222"),
    ("35.10", "333"),
    ("35.10.06", "444"),
    ("35.10.06.2005", "555"),
    ("35.10.06.2005-pkm", "666"),
    ("35.10.06.2006", "777"),
    ("35.11", "888"),
    ("isp:Telkom", "999"),
]


def owners(mask: Mask) -> list[str]:
    kept = zip(TOLD, mask.tolist(), strict=True)
    return [owner for (owner, _), seen in kept if seen]


@pytest.mark.parametrize(
    ("scope", "seen", "also"),
    [
        pytest.param(Scope(), [owner for owner, _ in TOLD], [], id="everything"),
        pytest.param(
            Scope(("35.10.06",)),
            ["35.10.06", "35.10.06.2005", "35.10.06.2005-pkm", "35.10.06.2006"],
            ["*", "35", "35.10", "isp:Telkom"],
            id="a district",
        ),
        pytest.param(
            Scope((), ("35.10.06.2005-pkm",)),
            ["35.10.06.2005-pkm"],
            ["*", "35", "35.10", "35.10.06", "35.10.06.2005", "isp:Telkom"],
            id="one site",
        ),
        pytest.param(Scope(("36",)), [], ["*", "isp:Telkom"], id="nothing of theirs is here"),
    ],
)
def test_whose_numbers_somebody_finds(scope: Scope, seen: list[str], also: list[str]) -> None:
    numbers = Numbers(TOLD)
    assert owners(numbers.seen_by(scope)) == seen
    assert owners(numbers.concerning(scope)) == sorted(seen + also)
    for owner, number in TOLD:
        found = numbers.owners(number, numbers.concerning(scope))
        assert found == ([owner] if owner in seen + also else [])


def test_a_part_of_a_number_finds_the_first_few() -> None:
    numbers = Numbers((f"35.10.06.{2001 + n}", f"62812{n:04d}") for n in range(50))
    found = numbers.owners("62812", numbers.seen_by(Scope()))
    assert found == [f"35.10.06.{2001 + n}" for n in range(MOST)]
    assert numbers.owners("620000", numbers.seen_by(Scope())) == []
