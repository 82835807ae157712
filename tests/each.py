"""A table of cases as one test: for tables so long that a test for each would take longer to begin
than to run.

`@for_each("file", FILES)` stands where `@pytest.mark.parametrize("file", FILES)` would. All cases
are tried, and what fails says for which. For tests that share nothing from one case to the next.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

Ids = Iterable[str] | Callable[[Any], Any] | None
Test = Callable[..., None]


def for_each(
    names: str | Sequence[str], cases: Iterable[Any] | Callable[[], Iterable[Any]], ids: Ids = None
) -> Callable[[Test], Test]:
    """The test, called for each case; BaseExceptionGroup of all that failed.

    Cases that take long to make are given as a function: it is asked when the test runs, and not
    by every worker that only reads the file.
    """
    words = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    known = None if callable(cases) else _table(cases, len(words), ids)

    def made(test: Test) -> Test:
        @wraps(test)
        def all_of_them(**given: Any) -> None:
            failed = list[BaseException]()
            rows = known or _table(cases(), len(words), ids)
            for title, row in rows:
                try:
                    test(**given, **dict(zip(words, row, strict=True)))
                except (Exception, pytest.fail.Exception) as failure:
                    failure.add_note(f"in the case: {title}")
                    failed.append(failure)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(rows)} cases", failed)

        told = inspect.signature(test)
        others = [one for name, one in told.parameters.items() if name not in words]
        all_of_them.__signature__ = told.replace(parameters=others)  # type: ignore[attr-defined]
        return all_of_them

    return made


def _table(cases: Iterable[Any], count: int, ids: Ids) -> list[tuple[str, tuple[Any, ...]]]:
    """Each case with its title."""
    rows = [_values(case, count) for case in cases]
    titles = _titles(rows, ids)
    assert rows and len(titles) == len(rows), "a table without cases shows nothing"
    return list(zip(titles, rows, strict=True))


def _values(case: Any, count: int) -> tuple[Any, ...]:
    return (case,) if count == 1 else tuple(case)


def _titles(rows: Sequence[tuple[Any, ...]], ids: Ids) -> list[str]:
    if ids is None:
        return [", ".join(map(repr, row)) for row in rows]
    if callable(ids):
        return [", ".join(str(ids(value) or value) for value in row) for row in rows]
    return list(map(str, ids))
