"""The console of playbooks: what there is, what it would do, what was done, on which devices."""
