"""A report comes in, is judged, and is kept."""
