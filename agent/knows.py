"""Which kinds of checks this agent knows, and their keys: the collector sends it no others.

Written down beside the program, since asking every kind would bring all of them into memory;
a test says that it is true.
"""

from importlib.resources import files


def vocabulary() -> str:
    """`kind:key,key;kind:...`; `*` is of every kind, `plan` of the configuration itself."""
    text = (files("agent") / "knows.txt").read_text(encoding="ascii")
    return ";".join(text.split())
