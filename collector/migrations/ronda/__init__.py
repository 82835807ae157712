"""Revisions of ronda.db, oldest first."""
