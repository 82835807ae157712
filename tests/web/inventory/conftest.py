"""Files sent as a browser sends them, and what then stands in the inventory."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from collector import db, schema
from collector.inventory.kinds import KINDS
from collector.inventory.store import rows_of
from tests.web.conftest import Visitor

IMPORTS = "/inventory/imports"


@dataclass
class Importer:
    """Somebody with files at the page of imports."""

    browser: Visitor
    store: Engine

    def send(self, *files: tuple[str, str | bytes], **fields: str) -> Any:
        """Send files; the answer."""
        page = self.browser.get(IMPORTS).get_data(as_text=True)
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
        data: dict[str, Any] = {"form_token": token[1] if token else "", **fields}
        data["files"] = [
            (io.BytesIO(text.encode() if isinstance(text, str) else text), name)
            for name, text in files
        ]
        return self.browser.client.post(IMPORTS, data=data)

    def draft(self, *files: tuple[str, str | bytes], **fields: str) -> str:
        """Send files that are taken as files; the address of what they would change."""
        answer = self.send(*files, **fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def take(self, at: str) -> Any:
        """Take what is shown there now."""
        return self.answer(at, at, do="take")

    def answer(self, at: str, shown_at: str = "", **fields: str) -> Any:
        """Press a button of a page, with the mark that stands on it."""
        page = self.browser.get(shown_at or at).get_data(as_text=True)
        mark = re.search(r'name="mark" value="([0-9a-f]*)"', page)
        return self.browser.post(at, at, **{"mark": mark[1] if mark else "", **fields})

    def bring(self, *files: tuple[str, str | bytes], **fields: str) -> str:
        """Send files and take them; the address of the import."""
        at = self.draft(*files, **fields)
        assert self.take(at).status_code == 303
        return at

    def rows(self, kind: str) -> list[dict[str, Any]]:
        with db.reading(self.store) as connection:
            return rows_of(connection, KINDS[kind].table)

    def acts(self) -> list[tuple[str, str]]:
        with db.reading(self.store) as connection:
            query = schema.acts.select().where(schema.acts.c.verb == "inventory")
            return [(row.by, row.subject) for row in connection.execute(query)]


@pytest.fixture
def importer(
    store: Engine, regency: Any, signed_in: Callable[..., Visitor]
) -> Callable[..., Importer]:
    """An account of a role and areas, at the page of imports."""
    with db.writing(store) as connection:
        db.meta_set(connection, "centre", "0123abcd")
    return lambda role="noc", areas=(): Importer(signed_in(role, areas), store)
