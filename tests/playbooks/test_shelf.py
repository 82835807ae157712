"""Playbooks are read again when a file of the centre changed, and only then."""

import os
from pathlib import Path

from playbooks.library import PACK
from playbooks.shelf import Shelf

OURS = (PACK / "diagnosa-jalur.yml").read_text()


def test_files_are_read_once_until_one_of_them_changes(tmp_path: Path) -> None:
    shelf = Shelf(str(tmp_path))
    first = shelf.now()
    assert shelf.now() is first
    own = tmp_path / "playbooks" / "coba.yml"
    own.parent.mkdir()
    own.write_text(OURS.replace("name: diagnosa-jalur", "name: coba"))
    assert "coba" in shelf.now().playbooks
    own.unlink()
    assert "coba" not in shelf.now().playbooks


def test_a_link_that_leads_nowhere_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    os.symlink("nowhere", tmp_path / "playbooks" / "coba.yml")
    assert "diagnosa-jalur" in Shelf(str(tmp_path)).now().playbooks
