"""Files people write in YAML, read so that every problem knows its line."""
