"""What the tables say, as series: contracts, interfaces of lines, refused configurations."""

from sqlalchemy import insert

from collector import schema
from collector.db import writing
from tests.collector.promql.conftest import START, Small

SITE = "35.10.06.2005"


def line(small: Small, site: str, name: str, mbps: float | None = None) -> None:
    with writing(small.store) as connection:
        row = {"site": site, "name": name, "mbps": mbps}
        connection.execute(insert(schema.uplinks).values(row))


def test_a_contract_is_bits_per_second_of_its_line(small: Small) -> None:
    small.site(0, SITE, "Sarimulyo")
    line(small, SITE, "main", 150.0)
    line(small, SITE, "4g")
    line(small, "35.10.06.2999", "main", 10.0)
    found = small.ask("ronda_uplink_contract_bits_per_second", START)
    assert list(found.values()) == [150e6]
    label = next(iter(found))
    assert 'uplink="main"' in label and 'village="Sarimulyo"' in label and f'site="{SITE}"' in label
    over = small.ask(
        'ronda_uplink_contract_bits_per_second{uplink="main"} / 1e6', START, START + 60, 30
    )
    assert list(next(iter(over.values())).values()) == [150.0] * 3
    assert small.ask('ronda_uplink_contract_bits_per_second{site="x"}', START) == {}


def test_a_line_named_after_an_interface_is_one(small: Small) -> None:
    small.site(0, SITE, "Sarimulyo")
    line(small, SITE, "ether1")
    line(small, SITE, "router/sfp1", 20.0)
    query = "count by (device, interface) (ronda_uplink_interface)"
    assert small.ask(query, START) == {
        '{interface="ether1"}': 1.0,
        '{device="router", interface="sfp1"}': 1.0,
    }


def test_a_refused_configuration_is_seen(two: Small) -> None:
    assert list(two.ask("ronda_agent_config_ok", START).values()) == [1.0, 1.0]
    with writing(two.store) as connection:
        row = {"site": SITE, "state": "active", "config_error": "checks[2]: unknown kind", "rev": 1}
        connection.execute(insert(schema.agents).values(row))
    found = two.ask("ronda_agent_config_ok == 0", START)
    assert len(found) == 1 and f'site="{SITE}"' in next(iter(found))


def test_they_are_listed_among_the_series_of_a_site(small: Small) -> None:
    small.site(0, SITE, "Sarimulyo")
    line(small, SITE, "main", 150.0)
    match = '{__name__=~"ronda_uplink_(contract.*|interface)|ronda_agent_config_ok"}'
    rows = small.api("series", match=[match], start=START, end=START + 60)[1]["data"]
    assert {row["__name__"] for row in rows} == {
        "ronda_uplink_contract_bits_per_second",
        "ronda_uplink_interface",
        "ronda_agent_config_ok",
    }
