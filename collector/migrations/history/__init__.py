"""Revisions of history.db, oldest first."""
