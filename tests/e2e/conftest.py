"""The studio each end-to-end test plays in; skipped where JACK's programs are not installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.jack_players import PulseSource, TransportMaster
from tests.e2e.jack_recorder import Recorder
from tests.e2e.jack_server import Server, running_server
from tests.e2e.livevae_process import Livevae, preset_text

_NEEDED = ("jackd", "jack_wait", "jack_midi_clock", "jack_transport")

StartLivevae = Callable[..., Livevae]


@pytest.fixture
def server() -> Iterator[Server]:
    """A JACK server of the test's own."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with running_server() as running:
        yield running


@pytest.fixture
def recorder(server: Server) -> Iterator[Recorder]:
    """Records the master's clock and livevae's notes."""
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture
def clock(recorder: Recorder) -> Iterator[PulseSource]:
    """The MIDI clock, heard by the recorder."""
    source = PulseSource()
    recorder.connect("jack_midi_clock:mclk_out", "recorder:clock")
    yield source
    source.close()


@pytest.fixture
def master(clock: PulseSource) -> Iterator[TransportMaster]:
    """The transport, at 240 BPM so that a bar is one second."""
    transport = TransportMaster(tempo_bpm=240)
    yield transport
    transport.close()


@pytest.fixture
def start_livevae(server: Server, tmp_path: Path) -> Iterator[StartLivevae]:
    """Starts ``livevae run`` with the options given and returns when it could play."""
    running: list[Livevae] = []

    def start(
        *options: str,
        clock: str = "midi",
        heard_by: Recorder | None = None,
        more: str = "",
        text: Callable[[str, float, str], str] = preset_text,
    ) -> Livevae:
        folder = tmp_path / f"livevae{len(running)}"
        folder.mkdir()
        livevae = Livevae(folder, "--backend", "jack", *options, clock=clock, more=more, text=text)
        running.append(livevae)
        livevae.wait_until_said("Ctrl-C ends")
        if heard_by is not None:
            heard_by.connect("livevae:out")
        return livevae

    yield start
    for livevae in running:
        livevae.close()


@pytest.fixture
def following(clock: PulseSource, recorder: Recorder, start_livevae: StartLivevae) -> Livevae:
    """livevae, listening to the master's clock, its first bars ready."""
    livevae = start_livevae("--in", "mclk_out", heard_by=recorder)
    recorder.wait_frames(48_000 // 4)
    return livevae
