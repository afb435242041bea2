"""The page in Chromium, while livevae plays a fake trio: seen, touched, heard."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_actions import PointerActions
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from livevae.adapters.midi_file import Score, Track, write_midi_file
from livevae.core.notes import Note
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Group
from livevae.units import TICKS_PER_BEAT
from tests.page.browser_rig import LOOPBACK, Livevae, Page

PARTS = ("melody", "bass", "drums")


# --- seen ----------------------------------------------------------------------------------------


def test_every_part_has_its_strip(page: Page) -> None:
    strips = page.browser.find_elements(By.CSS_SELECTOR, ".strip")
    assert tuple(strip.get_attribute("data-part") for strip in strips) == PARTS


def test_everything_in_the_table_can_be_turned(page: Page) -> None:
    controls = page.browser.find_elements(By.CSS_SELECTOR, "[aria-label]")
    labels = " / ".join(str(control.get_attribute("aria-label")).lower() for control in controls)
    for part in PARTS:
        for parameter in PART_PARAMETERS:
            if parameter.name.startswith(("pad_", "corner_")):
                continue  # on the pad, once for all parts
            if parameter.name.startswith("attr_"):
                continue  # the model here was measured for none of them: see the next test
            if parameter.group is Group.GROOVE or (parameter.group is Group.PITCH and part == "drums"):
                continue  # a drum's pitch names an instrument, and the preset here has no groove
            word = {"reroll": "re-roll"}.get(parameter.name, parameter.name.replace("_", " "))
            assert f"{part} {word}" in labels
    for parameter in GLOBAL_PARAMETERS:
        assert parameter.name.replace("_", " ") in labels


def test_attribute_faders_are_shown_where_the_model_knows_them(page: Page) -> None:
    assert not page.browser.find_elements(By.CSS_SELECTOR, '[data-name="attr_density"]')
    page.ask(
        "livevae.store.parts.find(p => p.name === 'bass').rows.push('attr_density'),"
        "livevae.store.emit('table')"
    )
    shown = page.browser.find_elements(By.CSS_SELECTOR, '[data-name="attr_density"]')
    assert [control.get_attribute("data-part") for control in shown] == ["bass"]


def test_it_plays_and_shows_what_plays(page: Page) -> None:
    page.until("livevae.roll.notes.filter(n => !n.heard && n.part.name === 'melody' && n.to).length >= 2")
    page.until("[...livevae.store.bars.values()].every(bars => bars.size > 0)")
    page.until("document.querySelectorAll('.strip.is-sounding').length > 0")
    assert page.ask("document.title") == "livevae: page"


def test_the_position_shown_moves_on(page: Page) -> None:
    before = page.ask("document.querySelector('.position').textContent")
    page.until(f"document.querySelector('.position').textContent !== '{before}'")


def test_stop_and_play(page: Page) -> None:
    page.press("Stop")
    page.until("livevae.store.now.state === 'stopped'")
    page.until("livevae.roll.notes.every(n => n.to !== null)")  # nothing hangs
    page.press("Play")
    page.until("livevae.store.now.state === 'playing'")


# --- touched -------------------------------------------------------------------------------------


def test_a_fader_moves_and_livevae_answers(page: Page) -> None:
    fader = page.named("bass temperature")
    before = float(str(fader.get_attribute("value")))
    fader.send_keys(Keys.ARROW_RIGHT * 5 if before < 1.9 else Keys.ARROW_LEFT * 5)
    after = float(str(fader.get_attribute("value")))
    assert after != before
    page.until(
        f"Math.abs(livevae.store.value('bass', 'temperature') - {after}) < 1e-6"
    )  # as livevae echoes it


def test_two_pages_show_the_same(page: Page) -> None:
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    try:
        page.open()
        page.browser.switch_to.window(first)
        page.browser.execute_script("livevae.line.set('melody', 'transpose', 7)")
        page.browser.switch_to.window(page.browser.window_handles[-1])
        page.until("livevae.store.value('melody', 'transpose') === 7")
        page.browser.execute_script("livevae.line.set('melody', 'transpose', 0)")
        page.until("livevae.store.value('melody', 'transpose') === 0")
    finally:
        page.browser.close()
        page.browser.switch_to.window(first)


def test_a_drag_ends_at_its_last_value(page: Page) -> None:
    page.browser.execute_script(
        "for (let i = 0; i <= 500; i += 1) livevae.line.set('drums', 'level', i / 500)"
    )
    page.until("livevae.store.value('drums', 'level') === 1")
    assert page.ask("livevae.line.waiting.size") <= 1


def test_mode_mute_and_freeze(page: Page) -> None:
    page.press("melody mode walk")
    page.until("livevae.store.value('melody', 'mode') === 'walk'")
    assert page.named("melody mode walk").get_attribute("aria-checked") == "true"
    page.press("melody freeze")
    page.until("livevae.store.value('melody', 'mode') === 'freeze'")
    page.press("melody freeze")
    page.until("livevae.store.value('melody', 'mode') === 'walk'")
    page.press("melody mute")
    page.until("livevae.store.value('melody', 'mute') === true")
    page.press("Undo the last change")
    page.until("livevae.store.value('melody', 'mute') === false")


def test_tempo(page: Page) -> None:
    tempo = page.named("Tempo in beats a minute")
    tempo.send_keys(Keys.CONTROL + "a")
    tempo.send_keys("132", Keys.ENTER)
    page.until("livevae.store.value(null, 'tempo') === 132 && livevae.store.now.bpm === 132")


def test_keep_an_idea_and_drop_it(page: Page) -> None:
    page.browser.find_elements(By.CSS_SELECTOR, ".slot")[4].click()
    page.named("Name of what is kept").send_keys("chorus")
    page.press("Keep a new idea")
    page.until("livevae.store.slot(livevae.store.parts[0].model, 5)?.name === 'chorus'")
    assert page.browser.find_elements(By.CSS_SELECTOR, ".slot")[4].text == "chorus"
    page.browser.find_element(By.CSS_SELECTOR, ".corner.right.top").click()
    page.until(
        "PARTS.every(p => livevae.store.value(p, 'corner_4') === 5)".replace("PARTS", str(list(PARTS)))
    )
    page.press("Drop: empty the chosen slot")
    page.until("!livevae.store.slot(livevae.store.parts[0].model, 5)")


def test_the_pad_moves_under_a_finger(page: Page) -> None:
    area = page.browser.find_element(By.CSS_SELECTOR, ".area")
    ActionChains(page.browser).move_to_element_with_offset(area, 40, 30).click_and_hold().move_by_offset(
        50, -60
    ).release().perform()
    x, y = page.ask("['pad_x', 'pad_y'].map(n => livevae.store.value('melody', n))")
    page.until("livevae.store.value('drums', 'pad_x') > 0.7 && livevae.store.value('drums', 'pad_y') > 0.55")
    assert (x, y) != (0.5, 0.5)


def test_two_fingers_move_two_parts(page: Page) -> None:
    page.press("Move all parts of the pad together")
    page.browser.execute_script(
        "[['melody', 0.2], ['bass', 0.5], ['drums', 0.8]].forEach(([part, x]) => {"
        " livevae.line.set(part, 'pad_x', x); livevae.line.set(part, 'pad_y', 0.5); })"
    )
    page.until(
        "livevae.store.value('drums', 'pad_x') === 0.8 && livevae.store.value('drums', 'pad_y') === 0.5"
    )
    area = page.browser.find_element(By.CSS_SELECTOR, ".area")
    middle = area.rect["x"] + area.rect["width"] / 2, area.rect["y"] + area.rect["height"] / 2
    scrolled = page.ask("[scrollX, scrollY]")
    fingers = ActionBuilder(page.browser, mouse=PointerInput(interaction.POINTER_TOUCH, "left finger"))
    right = fingers.add_pointer_input(interaction.POINTER_TOUCH, "right finger")
    left = fingers.pointer_action
    for finger, side in ((left, -1), (PointerActions(source=right), 1)):
        x = round(middle[0] - scrolled[0] + side * 0.3 * area.rect["width"])
        y = round(middle[1] - scrolled[1])
        finger.move_to_location(x, y)
        finger.pointer_down()
        finger.move_to_location(x, y + side * 60)
        finger.pointer_up()
    fingers.perform()
    page.until(
        "livevae.store.value('melody', 'pad_y') > 0.65 && livevae.store.value('drums', 'pad_y') < 0.35"
    )
    assert page.ask("livevae.store.value('bass', 'pad_y')") == 0.5


def test_shortcuts(page: Page) -> None:
    keys = ActionChains(page.browser)
    keys.send_keys("2").perform()
    page.until("livevae.store.value('bass', 'mute') === true")
    keys.reset_actions()
    keys.send_keys("2").perform()
    page.until("livevae.store.value('bass', 'mute') === false")
    keys.reset_actions()
    keys.send_keys("?").perform()
    page.until("document.getElementById('help').open")
    assert "panic" in page.browser.find_element(By.ID, "help-keys").text
    keys.reset_actions()
    keys.send_keys(Keys.ESCAPE).perform()
    page.until("!document.getElementById('help').open")
    keys.reset_actions()
    keys.send_keys(Keys.SPACE).perform()
    page.until("livevae.store.now.state === 'stopped'")
    keys.reset_actions()
    keys.send_keys(Keys.SPACE).perform()
    page.until("livevae.store.now.state === 'playing'")


def test_letters_play_notes_that_livevae_hears(page: Page) -> None:
    page.press("Keys: play notes on the computer's keyboard")
    ActionChains(page.browser).key_down("a").perform()
    page.until("livevae.roll.notes.some(n => n.heard && n.pitch === 60 && n.to === null)")
    ActionChains(page.browser).key_up("a").perform()
    page.until("livevae.roll.notes.some(n => n.heard && n.pitch === 60 && n.to !== null)")


def test_what_the_mode_listens_to_stands_under_it(page: Page) -> None:
    page.press("melody mode walk")
    page.until("document.querySelector('[data-part=melody] .for-mode [data-name=home]')")
    Select(page.named("melody home")).select_by_value("slot 3")
    page.until("livevae.store.value('melody', 'home') === 'slot 3'")
    page.press("melody mode sample")
    page.until("!document.querySelector('[data-part=melody] .for-mode [data-name=home]')")
    assert page.ask("document.querySelectorAll('[data-part=melody] [data-name=home]').length") == 1


def test_a_midi_file_is_kept_and_renamed(page: Page, tmp_path: Path) -> None:
    song = tmp_path / "hook.mid"
    notes = (Note(0, TICKS_PER_BEAT, 60, 90), Note(TICKS_PER_BEAT, TICKS_PER_BEAT, 67, 90))
    write_midi_file(song, Score((Track("melody", 1, notes),)))
    page.browser.find_elements(By.CSS_SELECTOR, ".slot")[6].click()
    page.browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(song))
    page.until("livevae.store.slot(livevae.store.parts[0].model, 7)?.name === 'hook'")
    assert page.ask("livevae.store.slot(livevae.store.parts[0].model, 7).kind") == "played"
    page.named("Name of what is kept").send_keys("verse")
    page.press("Name: call the chosen slot by the name written above")
    page.until("livevae.store.slot(livevae.store.parts[0].model, 7)?.name === 'verse'")
    song.write_bytes(b"GIF89a")
    page.browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(song))
    page.until("document.querySelector('#log-lines li.warning')?.textContent.includes('not a MIDI file')")
    page.complaints()  # the browser notes that the file was refused


def test_a_controller_beside_the_browser_plays_and_is_learned(page: Page) -> None:
    page.browser.execute_script(
        "const input = { name: 'keys' }; window.controller = input;"
        "navigator.requestMIDIAccess = async () => ({ inputs: new Map([['a', input]]) });"
    )
    page.press("MIDI: play on a controller connected to this device")
    page.until("controller.onmidimessage")
    page.browser.execute_script("controller.onmidimessage({ data: [0x90, 72, 99] })")
    page.until("livevae.roll.notes.some(n => n.heard && n.pitch === 72)")
    page.browser.execute_script("controller.onmidimessage({ data: [0x80, 72, 0] })")
    page.browser.execute_script("livevae.line.ask({ do: 'learn', part: 'bass', name: 'level' })")
    page.until("livevae.store.learning === 'bass/level'")
    page.browser.execute_script("controller.onmidimessage({ data: [0xb2, 30, 64] })")
    page.until("livevae.store.bindings.get('bass/level') === 'channel 3 cc 30'")
    for value in (60, 70, 100):
        page.browser.execute_script(f"controller.onmidimessage({{ data: [0xb2, 30, {value}] }})")
    page.until("Math.abs(livevae.store.value('bass', 'level') - 200 / 127) < 1e-6")


def test_on_a_small_screen_one_thing_at_a_time(page: Page) -> None:
    screen = {"width": 1024, "height": 768, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        page.press("Show pad")
        area = page.browser.find_element(By.CSS_SELECTOR, ".area")
        assert area.rect["y"] + area.rect["height"] <= 768  # all of it, without scrolling
        assert not page.browser.find_element(By.CSS_SELECTOR, ".strip").is_displayed()
        page.press("Show parts")
        strips = page.browser.find_elements(By.CSS_SELECTOR, ".strip")
        assert [strip.rect["y"] for strip in strips] == [strips[0].rect["y"]] * 3
        assert page.ask("document.documentElement.scrollWidth") <= 1024
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


# --- heard ---------------------------------------------------------------------------------------


def test_sound(page: Page) -> None:
    assert page.ask("typeof Tone") == "undefined"  # loaded when it is wanted
    page.press("Sound in the browser")
    page.until("livevae.sound.isOn && livevae.sound.context.state === 'running'")
    page.browser.execute_script(
        "window.scope = new Tone.Analyser('waveform', 1024); livevae.sound.master.connect(scope)"
    )
    page.until("livevae.sound.played > 5")
    page.until("Math.max(...scope.getValue().map(Math.abs)) > 0.02")
    page.press("Sound in the browser")
    page.until("!livevae.sound.isOn")


# --- safe and sound ------------------------------------------------------------------------------


def test_garbage_is_refused_in_a_sentence(page: Page) -> None:
    page.browser.execute_script("livevae.line.socket.send('garbage')")
    page.until("document.querySelector('#log-lines li.warning')?.textContent.includes('no JSON')")
    page.until("livevae.line.isUp")


def test_everything_that_can_be_touched_has_a_name(page: Page) -> None:
    page.browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true })")
    touchable = "button, input, select, summary, [role=slider], [role=img], [role=log], [tabindex]"
    elements = [e for e in page.browser.find_elements(By.CSS_SELECTOR, touchable) if e.is_displayed()]
    assert len(elements) > 60
    nameless = [e.get_attribute("outerHTML") for e in elements if not e.accessible_name]
    assert nameless == []


def test_no_request_leaves_this_computer(page: Page) -> None:
    page.requests()
    page.open()
    page.press("Sound in the browser")
    page.until("livevae.sound.isOn")
    page.press("Sound in the browser")
    asked = page.requests()
    assert any(address.startswith("ws://") for address in asked)
    elsewhere = [
        address
        for address in asked
        if urlsplit(address).scheme not in ("blob", "data") and urlsplit(address).hostname != LOOPBACK
    ]
    assert elsewhere == []


def test_on_a_network_the_token_opens_the_page(page: Page, tmp_path: Path) -> None:
    elsewhere = Livevae(tmp_path, host="0.0.0.0")
    try:
        address, _, token = elsewhere.address.partition("?token=")
        page.browser.get(address)
        page.browser.find_element(By.NAME, "token").send_keys("wrong", Keys.ENTER)
        page.until("location.search === '?token=wrong' && document.querySelector('[name=token]')")
        page.browser.find_element(By.NAME, "token").send_keys(token, Keys.ENTER)
        page.until("window.livevae?.store.now")
        assert page.ask("location.href") == address  # the token is out of sight
        page.complaints()  # the browser says that it was turned away at first
    finally:
        page.browser.delete_all_cookies()
        page.browser.get("about:blank")
        elsewhere.close()


def test_it_comes_back_when_livevae_does(page: Page, livevae: Livevae) -> None:
    page.browser.execute_script("livevae.line.set('drums', 'accent', 0.9)")
    page.until("livevae.store.value('drums', 'accent') === 0.9")
    assert livevae.end() == 0
    page.until("!livevae.line.isUp")
    assert "looking for livevae" in page.ask("document.querySelector('.line-lamp').textContent")
    livevae.start()
    page.until("livevae.line.isUp && livevae.store.counts.hello === 2")
    notes = page.ask("livevae.store.counts.notes")
    page.until(f"livevae.store.counts.notes > {notes} && livevae.roll.notes.length > 0")
    assert page.ask("livevae.store.value('drums', 'accent')") == pytest.approx(0.5)
    assert page.ask("document.querySelectorAll('.strip').length") == len(PARTS)
    page.complaints()  # it found nobody for a while, and the browser says so
