"""The journal: what agents told us, kept in order; in files here, or in a stream of NATS."""
