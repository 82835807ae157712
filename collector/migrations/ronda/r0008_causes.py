"""A person's word stands beside the guess; maintenance keeps what lies beneath it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("states", sa.Column("word", sa.Text(), nullable=False, server_default=""))
    op.add_column("states", sa.Column("beneath", sa.Text(), nullable=False, server_default="[]"))
