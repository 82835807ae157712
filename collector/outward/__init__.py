"""Samples on their way out: to receivers that speak Prometheus's remote_write."""
