"""The doctor finds each usual fault and says what to do about it. Faults are staged, nothing waits."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from livevae.adapters.midi.jack_connections import Connections
from livevae.adapters.midi.null_port import NullPort
from livevae.adapters.midi.port import Cycle, Port, PortNames, Receive
from livevae.adapters.model_store import InstalledModel
from livevae.cli import main
from livevae.doctor.clock import PulseCounter, examine_clock
from livevae.doctor.findings import Finding, Level, fault, fine, warning
from livevae.doctor.installation import examine_packages, examine_python, examine_runtime
from livevae.doctor.material import examine_models, examine_presets
from livevae.doctor.midi import examine_connections, examine_ports, examine_system
from livevae.doctor.network import examine_osc
from livevae.doctor.timing import examine_timing, realtime_priority
from livevae.errors import ModelError, PortError
from livevae.units import NS_PER_S

FAKES = Path(__file__).parent.parent / "fixtures"


def levels(findings: list[Finding]) -> list[Level]:
    for finding in findings:
        assert (finding.mend == "") == (finding.level is Level.FINE)
    return [finding.level for finding in findings]


# --- installation -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "pointer_bytes", "level", "text"),
    [
        ((3, 11), 8, Level.FINE, "Python 3.11"),
        ((3, 13), 8, Level.FINE, "Python 3.13"),
        ((3, 10), 8, Level.FAULT, "no wheels for it"),
        ((3, 14), 8, Level.FAULT, "no wheels for it"),
        ((3, 12), 4, Level.FAULT, "32-bit"),
    ],
)
def test_python(version: tuple[int, int], pointer_bytes: int, level: Level, text: str) -> None:
    (finding,) = examine_python(version, pointer_bytes)
    assert finding.level is level
    assert text in finding.text
    assert levels([finding])


@pytest.mark.parametrize(
    ("installed", "text", "mend"),
    [
        ((), "ONNX Runtime, which runs the models, is not installed.", 'pip install "livevae[cpu]"'),
        (
            ("onnxruntime", "onnxruntime-gpu"),
            "Both onnxruntime and onnxruntime-gpu",
            "pip uninstall -y onnxruntime",
        ),
    ],
)
def test_neither_or_both_runtimes(installed: tuple[str, ...], text: str, mend: str) -> None:
    (finding,) = examine_runtime(installed)
    assert finding.level is Level.FAULT
    assert finding.text.startswith(text)
    assert finding.mend.startswith(mend)


def test_one_runtime_is_fine() -> None:
    assert levels(list(examine_runtime(("onnxruntime",)))) == [Level.FINE]


def test_a_package_that_does_not_load() -> None:
    def broken(name: str) -> None:
        raise ImportError("libstdc++ is missing")

    (finding,) = examine_packages(broken)  # type: ignore[arg-type]
    assert (finding.level, finding.mend) == (Level.FAULT, "pip install --force-reinstall numpy")
    assert levels(list(examine_packages())) == [Level.FINE]


# --- models and presets -----------------------------------------------------------------------


def model(name: str, problem: str = "") -> InstalledModel:
    return InstalledModel(name, FAKES / f"{name}.onnx", None, problem)


def test_models_are_really_opened() -> None:
    findings = list(examine_models([model("fake_trio"), model("fake_drums")]))
    assert levels(findings) == [Level.FINE]
    assert "fake_trio, fake_drums" in findings[0].text


def test_a_model_that_fails_its_golden_vector() -> None:
    def refuse(path: Path) -> None:
        raise ModelError(f"{path} answers otherwise than when it was exported")

    findings = list(examine_models([model("fake_trio")], refuse))
    assert levels(findings) == [Level.FAULT, Level.FAULT]
    assert "answers otherwise" in findings[0].text
    assert findings[1].text == "There is no model that can be played."


def test_a_model_that_is_cut_short() -> None:
    findings = list(examine_models([model("fake_trio", "it is cut short"), model("fake_drums")]))
    assert levels(findings) == [Level.FAULT, Level.FINE]


def test_presets_whose_models_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.toml").write_text(f'[parts.drums]\nmodel = "{FAKES / "fake_drums.onnx"}"\n')
    (tmp_path / "bad.toml").write_text('[parts.drums]\nmodel = "nowhere"\n')
    monkeypatch.setattr("livevae.preset_files.search_folders", lambda: (tmp_path,))
    monkeypatch.setattr("livevae.adapters.model_store.search_folders", lambda: (FAKES,))
    findings = list(examine_presets())
    assert levels(findings) == [Level.WARNING, Level.FINE]
    assert "bad: there is no model 'nowhere'" in findings[0].text
    assert str(tmp_path / "bad.toml") in findings[0].mend
    assert findings[1].text == "good"


# --- MIDI -------------------------------------------------------------------------------------


class FakePort(NullPort):
    """Delivers some messages as soon as it is opened, or cannot be opened."""

    def __init__(self, messages: list[tuple[bytes, int]] | None = None, error: str = "") -> None:
        super().__init__()
        self.messages = messages or []
        self.error = error
        self.closed = False

    def open(self, receive: Receive, cycle: Cycle, now: Callable[[], int]) -> None:
        if self.error:
            raise PortError(self.error)
        super().open(receive, cycle, now)
        for message, at_ns in self.messages:
            receive(message, at_ns)

    def names(self) -> PortNames:
        return PortNames("Test MIDI", ("livevae-doctor:in",), ("livevae-doctor:out",))

    def close(self) -> None:
        self.closed = True


def making(*ports: FakePort) -> Callable[[str, str | None, str | None, str], Port]:
    waiting = list(ports)
    return lambda *_: waiting.pop(0)


def test_no_midi_system() -> None:
    backend, findings = examine_system(lambda: "none", lambda: "No MIDI system: nothing runs.")
    assert backend == "none"
    assert levels(findings) == [Level.FAULT]
    assert "--record" in findings[0].mend
    assert levels(examine_system(lambda: "jack")[1]) == [Level.FINE]


def test_a_port_that_is_busy() -> None:
    port = FakePort(error="the port is in use")
    inputs, findings = examine_ports("winmm", making(port))
    assert inputs == ()
    assert levels(findings) == [Level.FAULT]
    assert "the port is in use" in findings[0].text
    assert port.closed


def test_ports_of_others_are_counted_and_our_own_are_not() -> None:
    names = PortNames("JACK", ("daw:clock", "livevae:out", "livevae-doctor:out"), ("synth:in",))
    port = FakePort()
    inputs, findings = examine_ports("jack", making(port), lambda backend: names)
    assert inputs == ("daw:clock",)
    assert levels(findings) == [Level.FINE]
    assert "1 to listen to, 1 to play" in findings[0].text
    assert port.closed


def test_nobody_else_is_there() -> None:
    findings = examine_ports("jack", making(FakePort()), lambda backend: PortNames("JACK"))[1]
    assert levels(findings) == [Level.WARNING]


def test_ports_that_cannot_be_listed() -> None:
    def gone(backend: str) -> PortNames:
        raise PortError("no JACK server is running")

    assert levels(examine_ports("jack", making(FakePort()), gone)[1]) == [Level.FAULT]


def test_a_playing_livevae_that_is_not_connected() -> None:
    ports = (
        Connections("livevae:in", True, ()),
        Connections("livevae:out", False, ()),
        Connections("livevae-01:out", False, ("synth:in",)),
    )
    findings = list(examine_connections("jack", lambda: ports))
    assert levels(findings) == [Level.WARNING, Level.FAULT, Level.FINE]
    assert "nobody hears" in findings[1].text
    assert list(examine_connections("alsa", lambda: ports)) == []

    def gone() -> tuple[Connections, ...]:
        raise PortError("no JACK server is running")

    assert list(examine_connections("jack", gone)) == []


def test_real_time_scheduling() -> None:
    assert levels(list(examine_timing("linux", lambda: 95))) == [Level.FINE]
    assert levels(list(examine_timing("linux", lambda: 0))) == [Level.WARNING]
    assert list(examine_timing("darwin", lambda: 0)) == []
    assert realtime_priority() >= 0


# --- clock ------------------------------------------------------------------------------------

PULSE_AT_120_NS = NS_PER_S // 48


def test_a_clock_is_heard_and_its_tempo_told() -> None:
    ticking = FakePort([(b"\xf8", n * PULSE_AT_120_NS) for n in range(48)])
    silent = FakePort([(b"\xfe", 0)])
    waited: list[float] = []
    findings = list(examine_clock("jack", ["daw", "keys"], 1.5, making(ticking, silent), waited.append))
    assert levels(findings) == [Level.FINE]
    assert findings[0].text == "a MIDI clock comes from daw at 120.0 BPM"
    assert waited == [1.5]
    assert ticking.closed
    assert silent.closed


def test_no_clock_arrives() -> None:
    (finding,) = examine_clock("jack", ["daw"], 0.0, making(FakePort()), lambda seconds: None)
    assert finding.level is Level.WARNING
    assert "MIDI clock (sync)" in finding.mend


def test_a_port_that_cannot_be_listened_to() -> None:
    ports = making(FakePort(error="busy"), FakePort([(b"\xf8", 0)]))
    findings = list(examine_clock("jack", ["held", "daw"], 0.0, ports, lambda seconds: None))
    assert levels(findings) == [Level.WARNING, Level.FINE]
    assert findings[1].text == "a MIDI clock comes from daw"


def test_too_few_pulses_have_no_tempo() -> None:
    counter = PulseCounter()
    for at_ns in (5, 5, 5):
        counter.receive(b"\xf8", at_ns)
    assert counter.pulses == 3
    assert counter.tempo_bpm() is None


# --- OSC and the command ----------------------------------------------------------------------


def test_the_osc_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        endpoint = other.getsockname()
        (finding,) = examine_osc(endpoint)
        assert finding.level is Level.WARNING
        assert "another program does" in finding.text
        assert f"--osc 127.0.0.1:{endpoint[1] + 1}" in finding.mend
    (finding,) = examine_osc(endpoint)
    assert (finding.level, "this computer only" in finding.text) == (Level.FINE, True)
    assert levels(list(examine_osc(("192.0.2.1", 9000)))) == [Level.WARNING]


FINDINGS = [
    fine("Python", "3.11"),
    warning("clock", "none", "press play"),
    fault("MIDI system", "none", "start one"),
]


@pytest.mark.parametrize("with_fault", [False, True])
def test_the_command_says_what_it_finds(
    with_fault: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = FINDINGS if with_fault else FINDINGS[:2]
    monkeypatch.setattr("livevae.commands.doctor.examine", lambda *_: iter(found))
    assert main(["doctor"]) == int(with_fault)
    text = capsys.readouterr().out
    assert "ok       Python: 3.11" in text
    assert "warning  clock: none\n         press play" in text
    assert ("1 to mend" in text) == with_fault
    assert main(["doctor", "--json"]) == int(with_fault)
    report = json.loads(capsys.readouterr().out)
    assert report["well"] == (not with_fault)
    assert report["findings"][1] == {
        "subject": "clock",
        "level": "warning",
        "text": "none",
        "mend": "press play",
    }


def test_a_real_examination_runs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--listen", "0"])
    text = capsys.readouterr().out
    assert "Python" in text
    assert "OSC" in text
