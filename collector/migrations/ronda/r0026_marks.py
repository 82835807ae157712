"""What was shown of each device when a run was asked for, so that nothing else is done there."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    # of a run that was asked for before nobody knows what was shown: it is asked for anew
    op.add_column("run_hosts", sa.Column("mark", sa.String(), nullable=False, server_default=""))
