"""The JSON API under /api/v1/: the same stores and the same powers as the pages, for programs."""
