"""Where each kept password may go."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for column in (
        sa.Column("area", sa.String(), nullable=False, server_default=""),
        sa.Column("targets", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("passwords", column)
