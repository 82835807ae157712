"""Signing in by a provider in a real browser: there and back, refused, and with nobody there."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from collector.settings import Settings
from tests.browser.conftest import Console, Settle
from tests.browser.seeds import PASSWORD
from tests.web.fake_provider import CLIENT, SECRET, FakeProvider, provider
from web import accounts
from web.accounts import RONDA

pytestmark = pytest.mark.slow

BUTTON = "Masuk dengan SSO Pemkab"
MAIL = "dewi@pemkab.go.id"


@pytest.fixture(scope="module")
def there() -> Iterator[FakeProvider]:
    # by its other name this machine is another site: cookies must do without
    with provider(host="localhost") as made:
        made.people = {
            "dewi": {"sub": "1985", "email": MAIL, "email_verified": True},
            "tamu": {"sub": "2001", "email": "tamu@x.id", "email_verified": True},
        }
        yield made


@pytest.fixture(scope="module")
def settle(there: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Settle:
    file = tmp_path_factory.mktemp("client") / "secret"
    file.write_text(SECRET)
    file.chmod(0o600)

    def of(settings: Settings, url: str) -> Settings:
        made = replace(
            settings,
            public_url=url,
            oidc_issuer=there.url,
            oidc_client_id=CLIENT,
            oidc_client_secret_file=str(file),
            oidc_name="SSO Pemkab",
        )
        made.check()
        return made

    return of


def go_there(page: Page, who: str) -> None:
    page.goto("/login?next=/sites/")
    page.get_by_role("link", name=BUTTON).click()
    expect(page.get_by_role("heading", name="SSO Pemkab")).to_be_visible()
    page.get_by_label("Who").fill(who)
    page.get_by_role("button", name="Let me in").click()


def test_somebody_goes_there_and_comes_back_to_the_page_they_wanted(
    open_as: Callable[..., Page], console: Console, there: FakeProvider
) -> None:
    accounts.identify(console.data.store, RONDA, "dewi", MAIL, True, 0.0)
    page = open_as(viewport={"width": 360, "height": 740})
    go_there(page, "dewi")
    page.wait_for_url("**/sites/")
    page.goto("/account")
    expect(page.get_by_role("button", name="Keluar dari akun dewi")).to_have_count(1)


def test_whom_nobody_let_in_is_told_so_and_may_still_give_a_password(
    open_as: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as()
    go_there(page, "tamu")
    expect(page.get_by_role("status")).to_contain_text("Tidak ada akun di sini")
    assert barriers(page) == []
    page.goto("/")
    expect(page.locator("#password")).to_be_visible()


def test_while_the_provider_is_away_it_is_said_soon_and_then_at_once(
    open_as: Callable[..., Page], there: FakeProvider, barriers: Callable[[Page], list[str]]
) -> None:
    page = open_as()
    page.goto("/login/oidc")
    page.get_by_label("Who").fill("dewi")
    there.down = "slow"
    took = [pressing(page.get_by_role("button", name="Let me in"))]
    silent = page.get_by_role("status")
    expect(silent).to_contain_text("SSO Pemkab tidak menjawab, dan ditanya lagi dalam")
    took.append(pressing(page.get_by_role("link", name=BUTTON)))
    expect(silent).to_contain_text("SSO Pemkab tidak menjawab, dan ditanya lagi dalam")
    assert took[1] < 1.5 < took[0] < 6
    assert barriers(page) == []
    page.fill("#name", "lina")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/")


def pressing(button: Locator) -> float:
    """Seconds until there is another page."""
    began = time.monotonic()
    button.click()
    button.page.wait_for_load_state()
    return time.monotonic() - began
