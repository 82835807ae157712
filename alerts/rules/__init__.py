"""Rules: Prometheus rule files, ours (*.yml beside this) and those of the centre (DATA/rules)."""
