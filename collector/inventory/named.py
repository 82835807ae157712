"""Which places do rows of services name? Asked at once of a whole country."""

from sqlalchemy import Connection, select

from collector.schema import services


def places_of_services(connection: Connection) -> set[str]:
    """What rows of services of villages name: sites, areas, providers, profiles, "" for all."""
    t = services.c
    return set(connection.execute(select(t.site).where(t.scope == "desa").distinct()).scalars())


def vantages(connection: Connection) -> set[str]:
    """The sites that rows of services name as those whose agents look at something elsewhere."""
    t = services.c
    named = select(t.vantage).where(t.vantage != "").distinct()
    central = select(t.site).where(t.scope != "desa").distinct()
    return {*connection.execute(named).scalars(), *connection.execute(central).scalars()}
