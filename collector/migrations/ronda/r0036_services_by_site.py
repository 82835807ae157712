"""The services of a site are found without looking at those of a country."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_index("services_site", "services", ["site"])
    op.create_index("services_vantage", "services", ["vantage"])
