"""MIDI learn on the page: a press chooses and turns nothing, a pad struck becomes the control."""

from __future__ import annotations

from tests.page.browser_rig import Page

STRIKE = "for (const velocity of [90, 0]) livevae.line.ask({ do: 'note', channel: 16, pitch: 40, velocity })"


def test_a_pad_is_learned_used_and_forgotten(page: Page) -> None:
    page.press("MIDI learn")
    page.press("bass mute")
    page.until("livevae.store.learning === 'bass/mute'")
    assert page.ask("livevae.store.value('bass', 'mute')") is False
    assert page.named("bass mute").get_attribute("data-control") == "…"
    page.browser.execute_script(STRIKE)
    page.until("livevae.store.bindings.get('bass/mute') === 'channel 16 note 40'")
    assert page.named("bass mute").get_attribute("data-control") == "note 40 ch 16"
    page.press("MIDI learn")
    assert page.named("bass mute").get_attribute("data-control") is None

    page.browser.execute_script(STRIKE)
    page.until("livevae.store.value('bass', 'mute') === true")
    page.browser.execute_script(STRIKE)
    page.until("livevae.store.value('bass', 'mute') === false")

    page.press("MIDI learn")
    page.press("bass mute")
    page.until("livevae.store.learning === 'bass/mute'")
    page.press("bass mute")
    page.until("livevae.store.learning === null && livevae.store.bindings.size === 0")
    page.press("MIDI learn")


def test_a_fader_chosen_does_not_move(page: Page) -> None:
    before = page.ask("livevae.store.value('melody', 'temperature')")
    page.press("MIDI learn")
    page.press("melody temperature")
    page.until("livevae.store.learning === 'melody/temperature'")
    page.press("MIDI learn")
    page.until("livevae.store.learning === null")
    assert page.ask("livevae.store.value('melody', 'temperature')") == before
