"""The map on the page: kept ideas appear, a press goes there, and exactly on an idea is that idea."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.page.browser_rig import Page

IMPORT = "const done = arguments[arguments.length - 1]; import('./map.js').then(({ place }) => done("


def test_kept_ideas_appear_and_a_press_goes_there(page: Page) -> None:
    for slot in (1, 2, 3, 4, 5):
        page.browser.execute_script(
            f"livevae.line.ask({{ do: 'keep', part: 'melody', slot: {slot}, source: 'sample' }})"
        )
    page.until("livevae.map.map?.slots.length >= 5")
    page.until("Object.values(livevae.map.map.trails).some(way => way.length)")
    area = page.browser.find_element(By.CSS_SELECTOR, ".map")
    area.click()
    page.until("livevae.store.value('melody', 'mode') === 'pad'")
    page.until(
        "livevae.map.corners.split(',').every((s, i) => livevae.store.value('bass', `corner_${i + 1}`) == s)"
    )
    before = page.ask("livevae.map.at.x")
    area.send_keys(Keys.ARROW_RIGHT)
    assert page.ask("livevae.map.at.x") > before
    page.press("melody mode sample")


@pytest.mark.parametrize(
    ("slots", "x", "y", "corners", "pad"),
    [
        ([[1, 0, 0], [2, 1, 0], [3, 0, 1], [4, 1, 1]], 0.5, 0.5, [1, 2, 3, 4], (0.5, 0.5)),
        ([[1, 0, 0], [2, 1, 0], [3, 0, 1], [4, 1, 1]], 1, 1, [1, 2, 3, 4], (1, 1)),
        ([[9, 0, 0], [2, 1, 0], [3, 0, 1], [4, 1, 1], [5, 0.5, 9]], 0, 0, [9, 2, 3, 4], (0, 0)),
        ([[6, 0.5, 0.5]], 0.5, 0.5, [6, 6, 6, 6], None),
    ],
)
def test_where_a_finger_goes(
    page: Page,
    slots: list[list[float]],
    x: float,
    y: float,
    corners: list[int],
    pad: tuple[float, float] | None,
) -> None:
    found = page.browser.execute_async_script(f"{IMPORT}place({slots}, {x}, {y})))")
    assert found["corners"] == corners
    if pad is not None:
        assert (found["padX"], found["padY"]) == pytest.approx(pad, abs=0.01)
