"""Where a kept password may go, as a table of rows and bindings."""

import pytest

from agent.strict import Refused
from collector.inventory.binding import MOST_TARGETS, Binding, read, why_not
from tests.each import for_each

CLURING, BENCULUK, GENTENG = "35.10.06", "35.10.06.2005", "35.10.11"
NET = Binding(CLURING, ("10.20.0.0/16", "fd00::/8", "olt.desa.id", "*.ap.desa.id"))
NO_AREA = "is given to no area: bind it to one that holds"
OTHER_AREA = "is given to 35.10.06, which does not hold"
OTHER_TARGET = "is not given to the target"


@for_each(
    ("bound", "place", "asking", "host", "why"),
    [
        (Binding(CLURING), BENCULUK, BENCULUK, "10.9.9.9", ""),
        (Binding(CLURING), CLURING, CLURING, "10.9.9.9", ""),
        (Binding(BENCULUK), f"{BENCULUK}-2", f"{BENCULUK}-2", "10.9.9.9", ""),
        (Binding(), "", "", "10.9.9.9", ""),
        (Binding(), "isp:Telkom", "isp:Telkom", "10.9.9.9", ""),
        (Binding(), "", "00.00.00.0001", "10.9.9.9", ""),
        (Binding(CLURING), "", BENCULUK, "10.9.9.9", ""),
        (Binding(), BENCULUK, BENCULUK, "10.9.9.9", NO_AREA),
        (Binding(), "35", "35", "10.9.9.9", NO_AREA),
        (Binding("", ("10.9.9.9",)), BENCULUK, BENCULUK, "10.9.9.9", NO_AREA),
        (Binding(CLURING), GENTENG, GENTENG, "10.9.9.9", OTHER_AREA),
        (Binding(CLURING), "35.10", "35.10", "10.9.9.9", OTHER_AREA),
        (Binding("35.10.0"), BENCULUK, BENCULUK, "10.9.9.9", "does not hold"),
        (Binding(CLURING), "", "", "10.9.9.9", "does not hold every site"),
        (Binding(CLURING), "isp:Telkom", "isp:Telkom", "10.9.9.9", OTHER_AREA),
        (Binding(CLURING), "", "00.00.00.0001", "10.9.9.9", OTHER_AREA),
        (NET, BENCULUK, BENCULUK, "10.20.3.4", ""),
        (NET, BENCULUK, BENCULUK, "FD00:0::1", ""),
        (NET, BENCULUK, BENCULUK, "OLT.desa.id", ""),
        (NET, BENCULUK, BENCULUK, "lobi.ap.desa.id", ""),
        (NET, BENCULUK, BENCULUK, "10.21.0.1", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "::ffff:10.20.3.4", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "10.20.3.4.nip.io", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "10.1316", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "ap.desa.id", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "jahatap.desa.id", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "olt.desa.id.jahat.id", OTHER_TARGET),
        (NET, BENCULUK, BENCULUK, "", OTHER_TARGET),
    ],
    ids=[
        "a site in the area",
        "the area itself",
        "another site of the village",
        "no area, of every site",
        "no area, of a provider",
        "no area, of the regency",
        "of the regency, seen from the area",
        "no area, of one site",
        "no area, of a whole province",
        "a target does not stand for an area: private addresses are everywhere",
        "another area",
        "a wider area",
        "no area's code",
        "every site",
        "a provider",
        "of the regency, seen from the centre",
        "in the network",
        "an address written otherwise",
        "a name written otherwise",
        "a name under the domain",
        "beside the network",
        "an address within another kind",
        "a name that looks like an address",
        "an address in two parts",
        "the domain itself",
        "a name that ends like it",
        "a name that begins like it",
        "no host",
    ],
)
def test_where_a_password_goes(
    bound: Binding, place: str, asking: str, host: str, why: str
) -> None:
    told = why_not("kunci", bound, place, asking, host)
    assert (why in told) if why else told == ""


@pytest.mark.parametrize(
    ("area", "targets", "found"),
    [
        ("", "", Binding("35", ("10.0.0.1",))),
        ("-", "", Binding("", ("10.0.0.1",))),
        ("", "-", Binding("35", ())),
        (CLURING, "10.20.1.1/16 | 10.0.0.2|OLT.Desa.id||::1", Binding(
            CLURING, ("10.20.0.0/16", "10.0.0.2", "olt.desa.id", "::1/128"))),
    ],
    ids=["nothing said", "no area", "any target", "all said"],
)  # fmt: skip
def test_a_binding_as_it_is_typed(area: str, targets: str, found: Binding) -> None:
    assert read(area, targets, Binding("35", ("10.0.0.1",))) == found


@pytest.mark.parametrize(
    ("area", "targets", "why"),
    [
        ("Cluring", "", "area: expected the code of an area or a site, got 'Cluring'"),
        ("isp:Telkom", "", "area: expected the code"),
        ("35.10.06.", "", "area: expected the code"),
        ("", "10.0.0.256", "targets: expected addresses"),
        ("", "10.0.0", "targets: expected addresses"),
        ("", "*", "targets: expected addresses"),
        ("", "a*.desa.id", "targets: expected addresses"),
        ("", "10.0.0.1:161", "targets: expected addresses"),
        ("", "|".join(f"10.0.0.{n}" for n in range(MOST_TARGETS + 1)), "targets: 50 targets"),
    ],
    ids=["name", "group", "dot", "octet", "short", "all", "inside", "port", "many"],
)
def test_a_binding_that_is_none_is_refused(area: str, targets: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read(area, targets, Binding())
    assert why in str(refused.value)
