"""What a centre tells the one above it."""
