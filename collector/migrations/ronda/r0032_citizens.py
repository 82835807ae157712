"""What citizens report, and how they want to hear what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    _reports()
    op.create_table(
        "citizen_contacts",
        sa.Column("report", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("report", "contact"),
    )
    op.create_index("citizen_contacts_contact", "citizen_contacts", ["contact"])
    op.create_index("ix_citizen_contacts_at", "citizen_contacts", ["at"])


def _reports() -> None:
    op.create_table(
        "citizen_reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("raised_at", sa.Float(), nullable=True),
        sa.Column("handled_at", sa.Float(), nullable=True),
        sa.Column("over_at", sa.Float(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("tell", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    for name, columns in (
        ("citizen_reports_state", ["state", "at"]),
        ("citizen_reports_site", ["site", "at"]),
        ("citizen_reports_reporter", ["reporter", "at"]),
        ("citizen_reports_incident", ["incident"]),
        ("citizen_reports_tell", ["tell"]),
    ):
        op.create_index(name, "citizen_reports", columns)
