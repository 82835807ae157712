"""Alertmanager: our incidents as its alerts, its alerts as our incidents."""
