"""The agent puts itself on a Debian machine, and takes itself away again."""
