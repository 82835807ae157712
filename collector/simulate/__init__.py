"""A fleet of villages that is not there: the real protocol, plausible numbers, real sockets."""
