"""The catalogues' functions with types; pages speak through these."""

from typing import Any

import flask_babel


def gettext(text: str, **values: Any) -> str:
    """`text` in the language of the page, `%(name)s` filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """`one` or `many` by `num`, in the language of the page; `%(num)s` is the number."""
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(text: str) -> Any:
    """As gettext, but looked up each time `str()` is called: for tables made at import."""
    return flask_babel.lazy_gettext(text)
