"""Which kinds of checks this agent knows, and their keys: the collector sends it no others.

Written down beside the program, since asking every kind would bring all of them into memory;
a test says that it is true.
"""

import os
import sys
from typing import Any

from agent import __version__


def vocabulary() -> str:
    """`kind:key,key;kind:...`; `*` is of every kind, `plan` of the configuration itself,
    `release` the agent's version."""
    # importlib.resources costs more memory than all that is read here
    loader: Any = sys.modules[__name__].__loader__
    text = loader.get_data(os.path.join(os.path.dirname(__file__), "knows.txt")).decode("ascii")
    return ";".join([f"release:{__version__}", *text.split()])
