"""Agents for devices that cannot hold Python: a site's choices become the files of a platform."""
