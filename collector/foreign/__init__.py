"""Numbers that others send by remote_write: read, judged, carried to the journal."""
