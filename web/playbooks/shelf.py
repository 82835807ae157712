"""The playbooks of the centre, as this application knows them."""

from flask import current_app

from playbooks.library import Library
from playbooks.shelf import Shelf
from web.context import centre

_KEY = "playbooks"


def shelf() -> Library:
    """All of them by name, and what is wrong with those that cannot be used."""
    kept: Shelf = current_app.extensions.setdefault(_KEY, Shelf(centre().settings.data))
    return kept.now()
