"""People write notes about sites, and keep the ways they look at the list of them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("ix_notes_site", "notes", ["site"])
    op.create_table(
        "note_texts",
        sa.Column("note", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("edition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "saved_views",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", sa.Float(), nullable=False),
    )
    op.create_index("acts_subject", "acts", ["subject", "id"])
