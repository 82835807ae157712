"""What templates call is called as it stands.

jinja asks of each function, at each call, whether it wants the context or the environment. None
that our pages call does, and a page calls five hundred times: a tenth of what it costs.
"""

from collections.abc import Callable
from typing import Any

from jinja2.runtime import Context


class Plain(Context):
    """A page's context; functions marked with pass_context and its like do not work here."""

    def call(
        self,
        function: Callable[..., Any],
        /,
        *args: Any,
        _loop_vars: object = None,
        _block_vars: object = None,
        **named: Any,
    ) -> Any:
        """What the function gives; what blocks and loops set is for functions that ask."""
        return function(*args, **named)
