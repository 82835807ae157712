"""One file with all of a centre in it, made while it runs; and a centre made of that file."""
