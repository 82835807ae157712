"""Thousands of forms from one address become one report, and nobody else waits for it.

All 10,000 with their figures: `python -m tests.bench citizens`.
"""

from pathlib import Path

import pytest

from tests.web.public.flood import PAGES, at, flood, seeded, serving

pytestmark = pytest.mark.slow


def test_a_flood_of_forms_from_one_address_is_one_report_and_slows_nobody(tmp_path: Path) -> None:
    settings = seeded(str(tmp_path))
    with serving(settings):
        found = flood(settings, 1600)
    assert found.tickets == 1
    assert found.answers[303] + found.answers[429] == found.posts
    assert found.answers[303] <= 25, "what is over the rate never comes as far as a page"
    for path in PAGES:
        # a machine that others use, too, makes single pages late
        calm, busy = at(found.before[path], 0.9), at(found.meanwhile[path], 0.5)
        assert busy <= max(4 * calm, 100), f"{path}: {calm:.0f} ms before, {busy:.0f} ms meanwhile"
