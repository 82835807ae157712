"""Runs scripts in the format of Prometheus's promqltest against our evaluator."""
