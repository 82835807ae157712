"""The parser, which is not written in Python, kept from taking the whole process with it."""

import re
from typing import Any

import promql_parser as parser

from agent.strict import Refused
from collector.promql.spelling import depth, spelt

# it goes down by recursion, and from some 2,700 levels on beyond the end of its stack
_DEEPEST = 1000


def parsed(query: str) -> Any:
    """The tree as the parser has it; Refused says what cannot be read."""
    if depth(query) > _DEEPEST:
        raise Refused("query", "nested too deeply")
    try:
        return parser.parse(spelt(query))
    except ValueError as error:
        raise Refused("query", f"parse error: {_as_prometheus(str(error))}") from error
    except BaseException as error:
        # how a panic of the parser, which is not written in Python, arrives here
        if type(error).__name__ != "PanicException":
            raise
        raise Refused("query", f"parse error: {error}") from None


def _as_prometheus(problem: str) -> str:
    """The parser's words as Prometheus says them."""
    problem = re.sub(r"'(\w+)'", r'"\1"', problem)
    for before in ("type ", "got "):
        problem = problem.replace(f"{before}vector", f"{before}instant vector")
        problem = problem.replace(f"{before}matrix", f"{before}range vector")
    return problem
