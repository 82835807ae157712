"""A notice knows the other ways of its reader."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("notices", sa.Column("further", sa.Text(), nullable=False, server_default="[]"))
