"""The net under a run, one file for each platform."""
