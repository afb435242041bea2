"""The command line: help for everything, refusals in one sentence, and a real session that ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from livevae.adapters.midi_file import Score, TempoChange, Track, read_midi_file, write_midi_file
from livevae.cli import FAILED, INTERRUPTED, REFUSED, build_parser, main
from livevae.core.notes import Note
from livevae.places import shipped_folder
from livevae.units import TICKS_PER_BAR

FAKES = Path(__file__).parent / "fixtures"
COMMANDS = ("run", "render", "ports", "presets", "sets", "models", "doctor", "bench")
PATIENCE_S = 120.0  # only a failing test waits this long


@pytest.fixture(autouse=True)
def _own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No preset or model of whoever runs the tests may be found."""
    for variable in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "config"))


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    """A trio that needs no trained model."""
    file = tmp_path / "fake.toml"
    parts = (("melody", 1), ("bass", 2), ("drums", 10))
    file.write_text(
        "\n".join(
            f'[parts.{part}]\nmodel = "{FAKES / "fake_trio.onnx"}"\nchannel = {channel}'
            for part, channel in parts
        )
    )
    return file


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == REFUSED
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("livevae: ")
    assert printed.err.count("\n") == 1
    return printed.err


# --- talking about itself ---------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert f"usage: livevae {command}" in text
    assert "Traceback" not in text


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("livevae ")


def test_every_option_is_explained() -> None:
    for action in build_parser()._subparsers._group_actions[0].choices.values():  # type: ignore[union-attr]
        assert all(option.help for option in action._actions)


def test_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shipped = sorted(path.stem for path in shipped_folder().glob("*.toml"))
    assert len(shipped) > 10
    assert [line.split()[0] for line in lines[: len(shipped)]] == shipped


def test_a_broken_preset_is_listed_with_its_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "config" / "livevae" / "presets"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("clock = 3")
    if sys.platform == "linux":
        assert main(["presets"]) == 0
        words = capsys.readouterr().out.split()
        assert " ".join(words).count("broken cannot be used: preset") == 1


def test_models_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("livevae.adapters.model_store.search_folders", lambda: (FAKES,))
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    for piece in ("fake_trio", "melody, bass, drums; 4 bars at a time", "licence", "trained on"):
        assert piece in text


def test_damaged_models_are_listed_with_their_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.onnx").write_bytes((FAKES / "fake_trio.onnx").read_bytes()[:500])
    monkeypatch.setattr("livevae.adapters.model_store.search_folders", lambda: (tmp_path,))
    assert main(["models"]) == 1
    assert "cut\n    cannot be used: " in capsys.readouterr().out


# --- refusing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run",), "say what to play: --preset trio"),
        (("run", "--preset", "trioo"), "no preset 'trioo' (did you mean 'trio'?)"),
        (
            ("run", "--preset", "trio", "--bpm", "9"),
            "tempo = 9.0 is refused; it takes a number from 20 to 400",
        ),
        (("run", "--preset", "trio", "--seed", "-1"), "seed = -1 is refused"),
        (("run", "--preset", "FAKE", "--osc", "nowhere:x"), "'nowhere:x' is no network address"),
        (("run", "--preset", "FAKE", "--record", "no/such/folder.mid"), "cannot be written"),
        (("run", "--preset", "FAKE", "--backend", "dosbox"), "no MIDI backend 'dosbox'"),
        (
            ("render", "--preset", "FAKE", "--bars", "1", "--out", "x.mid", "--input", "no.mid"),
            "no file no.mid",
        ),
        (("render", "--preset", "FAKE", "--bars", "1", "--out", "no/such/folder.mid"), "cannot be written"),
        (("doctor", "--osc", "nowhere:x"), "'nowhere:x' is no network address"),
    ],
)
def test_refusals_are_one_sentence(
    words: tuple[str, ...], expected: str, preset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert expected in refused(capsys, *(str(preset) if word == "FAKE" else word for word in words))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dance",),
        ("run", "--preset", "trio", "--bars", "0"),
        ("run", "--preset", "trio", "--clock", "atomic"),
    ],
)
def test_what_cannot_be_parsed_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == REFUSED
    assert "usage: livevae" in capsys.readouterr().err


def test_an_interrupt_while_thinking_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("livevae.commands.presets.preset_files", interrupted)
    assert main(["presets"]) == INTERRUPTED


def test_a_fault_of_ours_is_one_sentence_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("integer division")

    monkeypatch.setattr("livevae.commands.presets.preset_files", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["presets"]) == FAILED
    sentence = capsys.readouterr().err
    assert "inside livevae (ZeroDivisionError: integer division). Please report" in sentence
    report = Path(sentence.rsplit("the file ", 1)[1].strip())
    assert "ZeroDivisionError" in report.read_text()


def test_what_the_system_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device", "take.mid")

    monkeypatch.setattr("livevae.commands.presets.preset_files", full)
    assert main(["presets"]) == FAILED
    assert capsys.readouterr().err == "livevae: take.mid: No space left on device\n"


def test_a_reader_that_leaves_is_no_traceback() -> None:
    script = f"{sys.executable} -m livevae run --help | head -n 1"
    done = subprocess.run(script, check=False, shell=True, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.stderr == ""


# --- playing ----------------------------------------------------------------------------------


def test_render_writes_what_it_says(preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.mid"
    words = ["render", "--preset", str(preset), "--bars", "3", "--bpm", "93", "--seed", "5", "--out"]
    assert main([*words, str(out)]) == 0
    score = read_midi_file(out)
    notes = [note for track in score.tracks for note in track.notes]
    assert f"3 bars at 93 BPM, {len(notes)} notes" in capsys.readouterr().out
    assert {track.channel for track in score.tracks} == {1, 2, 10}
    assert score.tempos[0].tempo_bpm == pytest.approx(93, abs=0.01)
    assert max(note.onset_ticks for note in notes) < 3 * TICKS_PER_BAR
    again = tmp_path / "again.mid"
    assert main([*words, str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_render_listens_to_a_file(preset: Path, tmp_path: Path) -> None:
    preset.write_text(preset.read_text() + '\nmode = "vary"\nin_channel = 0\n')
    first, played = tmp_path / "first.mid", tmp_path / "played.mid"
    words = ["render", "--preset", str(preset), "--bars", "8", "--out"]
    main([*words, str(first)])
    write_midi_file(played, read_midi_file(first))
    second = tmp_path / "second.mid"
    assert main([*words, str(second), "--input", str(played)]) == 0
    assert second.read_bytes() != first.read_bytes()


def test_render_takes_chords_from_a_channel_of_the_file(tmp_path: Path) -> None:
    """The fake model over chords plays each beat's bass."""
    preset = tmp_path / "over.toml"
    model = Path(__file__).parent / "fixtures" / "fake_melody_chords.onnx"
    preset.write_text(
        f'chords = "| D |"\n[settings]\nchord_channel = 16\n[parts.melody]\nmodel = {str(model)!r}\n'
    )
    played, out = tmp_path / "played.mid", tmp_path / "out.mid"
    words = ["render", "--preset", str(preset), "--bars", "5", "--out", str(out)]
    assert main(words) == 0
    assert basses_heard(out) == [{2}] * 5
    chords = [(0.5, 1.25, (45, 60, 64)), (1.75, 2.5, (41, 57, 60)), (2.75, 4.0, (43, 59, 62))]
    notes = [
        Note(round(start * TICKS_PER_BAR), round((end - start) * TICKS_PER_BAR), key, 80)
        for start, end, keys in chords
        for key in keys
    ]
    write_midi_file(played, Score((Track("organ", 16, tuple(sorted(notes))),), (TempoChange(0, 120.0),)))
    assert main([*words, "--input", str(played)]) == 0
    assert basses_heard(out) == [{2}, {9}, {5}, {7}, {7}]  # each from the bar line after it was played


def basses_heard(path: Path) -> list[set[int]]:
    """The pitch classes of each bar."""
    notes = [note for track in read_midi_file(path).tracks for note in track.notes]
    bars = 1 + max(note.onset_ticks for note in notes) // TICKS_PER_BAR
    return [{n.pitch % 12 for n in notes if n.onset_ticks // TICKS_PER_BAR == bar} for bar in range(bars)]


def run(preset: Path, *options: str) -> list[str]:
    words = [
        "-m",
        "livevae",
        "run",
        "--preset",
        str(preset),
        "--backend",
        "none",
        "--osc",
        "off",
        "--no-page",
        *options,
    ]
    return [sys.executable, *words]


def test_a_session_of_so_many_bars_ends_by_itself(preset: Path, tmp_path: Path) -> None:
    recording = tmp_path / "take.mid"
    words = run(preset, "--bars", "2", "--bpm", "400", "--record", str(recording))
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Preset fake: melody on channel 1, bass on channel 2, drums on channel 10." in done.stdout
    assert f"What was played is in {recording}." in done.stdout
    notes = [note for track in read_midi_file(recording).tracks for note in track.notes]
    assert notes
    assert max(note.onset_ticks for note in notes) < 2 * TICKS_PER_BAR


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_session_in_order(preset: Path, number: signal.Signals) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        run(preset), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as session:
        assert session.stdout is not None
        for line in session.stdout:
            if line.startswith("playing"):
                break
        session.send_signal(number)
        session.send_signal(signal.SIGINT)  # an impatient second one
        out, err = session.communicate(timeout=PATIENCE_S)
    assert (session.returncode, err) == (0, "")
    assert "missed" in out.splitlines()[-1]


def test_the_main_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livevae", "--version"],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.stdout.startswith("livevae ")


def test_asking_for_help_loads_nothing_heavy() -> None:
    """What a musician types must answer at once."""
    script = "import sys, livevae.cli; livevae.cli.build_parser(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    ).stdout.split()
    assert not {"numpy", "onnxruntime", "torch", "mido", "livevae.engine"} & set(loaded)


def test_a_preset_that_only_answers_says_why_it_is_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "--preset", "groove", "--bars", "2", "--out", str(tmp_path / "x.mid")]) == 0
    assert "--input" in capsys.readouterr().err


def test_a_session_that_only_answers_says_what_it_waits_for() -> None:
    done = subprocess.run(
        run(Path("tap"), "--bars", "1", "--bpm", "400"),
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert "drums waits for what you play on any channel" in done.stdout
