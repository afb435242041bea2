"""One livevae and one Chromium for all tests of the page: starting them takes longer than the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium", reason="the page is tested through selenium")

from tests.page.browser_rig import CHROMIUM, DRIVER, Livevae, Page, open_browser


@pytest.fixture(scope="session")
def livevae(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Livevae]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver (Debian: chromium, chromium-driver)")
    livevae = Livevae(tmp_path_factory.mktemp("livevae"))
    yield livevae
    livevae.close()


@pytest.fixture(scope="session")
def one_page(livevae: Livevae, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = open_browser(tmp_path_factory.mktemp("profile"))
    yield Page(browser, livevae.address)
    browser.quit()


@pytest.fixture
def page(livevae: Livevae, one_page: Page) -> Iterator[Page]:
    """The page, freshly loaded, while the fake trio plays; the browser must find no fault with it."""
    one_page.open()
    one_page.complaints()
    if one_page.ask("livevae.store.now.state") != "playing":
        one_page.press("Play")
        one_page.until("livevae.store.now.state === 'playing'")
    yield one_page
    assert one_page.complaints() == []
