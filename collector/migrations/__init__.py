"""Alembic's environment and revisions; collector.db runs them at start."""
