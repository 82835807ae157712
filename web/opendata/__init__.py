"""Figures for other agencies and for everybody, by day, with what each of them means."""

# public files; a proxy that lets the world in lets it no further than these and the status pages
PREFIX = "/data"
