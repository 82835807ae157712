"""Rules' alarms, incidents with members and clocks, mutes, planned work, duty."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _alarms()
    _incidents()
    _people()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _alarms() -> None:
    op.create_table(
        "alarms",
        _text("rule"),
        _text("series"),
        _text("site"),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("annotations", sa.Text(), nullable=False),
        _text("phase"),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("active_at", sa.Float(), nullable=False),
        sa.Column("fired_at", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("rule", "series"),
    )
    op.create_index(op.f("ix_alarms_site"), "alarms", ["site"], unique=False)
    op.create_table(
        "overrides",
        _text("rule"),
        _text("scope"),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("for_s", sa.Float(), nullable=True),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "scope"),
    )


def _incidents() -> None:
    for column in (
        _text("key", ""),
        _text("parent_kind", ""),
        _text("parent", ""),
        _text("rule", ""),
        sa.Column("details", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("unseen", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("members", sa.Integer(), nullable=False, server_default="1"),
        _text("acknowledged_by", ""),
        sa.Column("acknowledged_at", sa.Float(), nullable=True),
        _text("assigned_to", ""),
        sa.Column("handled_at", sa.Float(), nullable=True),
        sa.Column("paused_at", sa.Float(), nullable=True),
        _text("paused_why", ""),
        sa.Column("paused_s", sa.Float(), nullable=False, server_default="0"),
        sa.Column("snoozed_until", sa.Float(), nullable=True),
        _text("ticket", ""),
        sa.Column("ticket_at", sa.Float(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told_at", sa.Float(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
    ):
        op.add_column("incidents", column)
    op.create_index(op.f("ix_incidents_key"), "incidents", ["key"], unique=False)
    op.create_table(
        "members",
        sa.Column("incident", sa.Integer(), nullable=False),
        _text("key"),
        _text("site"),
        _text("title"),
        sa.Column("bad_at", sa.Float(), nullable=False),
        sa.Column("joined_at", sa.Float(), nullable=False),
        sa.Column("good_at", sa.Float(), nullable=True),
        sa.Column("unseen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "key"),
    )
    op.create_index(op.f("ix_members_key"), "members", ["key"], unique=False)
    op.create_index(op.f("ix_members_site"), "members", ["site"], unique=False)
    op.create_table(
        "incident_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        _text("by"),
        _text("verb"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_incident_log_incident"), "incident_log", ["incident"], unique=False)


def _people() -> None:
    op.create_table(
        "mutes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("scope"),
        _text("by"),
        _text("why"),
        sa.Column("begins", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float(), nullable=False),
        sa.Column("lifted_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "windows",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *map(_text, ("scope", "title", "mode", "begins")),
        sa.Column("minutes", sa.Integer(), nullable=False),
        *map(_text, ("repeats", "zone", "last_day", "by")),
        sa.Column("cancelled_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *map(_text, ("scope", "person", "days", "begins", "ends", "first_day", "last_day")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "quiet_hours",
        *map(_text, ("scope", "person", "begins", "ends", "spares")),
        sa.PrimaryKeyConstraint("scope", "person"),
    )
