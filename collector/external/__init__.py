"""A Prometheus-compatible engine of somebody else's that keeps the numbers of this centre."""
