"""The ``livevae`` command: reads what was typed, runs it, and turns refusals into one sentence.

Nothing heavy is imported before it is known what was asked for, so that a command answers at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import TYPE_CHECKING

from livevae.errors import LivevaeError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FAILED = 1
REFUSED = 2  # also what argparse exits with
INTERRUPTED = 130  # 128 + SIGINT, as shells count

_DESCRIPTION = "Plays latent-variable models of music over MIDI, in time with your clock."
_EPILOGUE = """\
to begin:         livevae run --preset trio
if it is silent:  livevae doctor
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 well, 1 something failed, 2 refused, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without µ or – must not end the show
            stream.reconfigure(errors="replace")
    arguments = build_parser().parse_args(argv)
    try:
        command = import_module(f"livevae.commands.{arguments.module}")
        status: int = command.main(arguments)
        sys.stdout.flush()
        return status
    except LivevaeError as error:
        print(f"livevae: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"livevae: {where}{error.strerror or error}", file=sys.stderr)
        return FAILED
    except Exception as error:  # a fault of ours; nobody on stage reads a traceback
        print(
            f"livevae: something went wrong inside livevae ({type(error).__name__}: {error}). "
            f"Please report it with the file {_crash_report()}",
            file=sys.stderr,
        )
        return FAILED


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command, with help for musicians."""
    parser = argparse.ArgumentParser(
        prog="livevae",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"livevae {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_render(commands)
    _add(commands, "ports", "list the MIDI ports that livevae could listen to and play")
    _add(commands, "presets", "list the presets")
    _add(commands, "sets", "list the sets that were saved while playing")
    _add(commands, "models", "list the trained models: what they play and what they were trained on")
    _add_learn(commands)
    _add_touchosc(commands)
    _add_doctor(commands)
    _add_bench(commands)
    return parser


def _add(commands: Commands, name: str, summary: str, details: str = "") -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=details or f"{summary[0].upper()}{summary[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module=name)
    return parser


_RUN = """\
Play live, until Ctrl-C.

livevae appears to other programs as a MIDI port called "livevae". Send it your clock and what you
play; take what it plays to your instruments. It begins at once on its own clock, and follows yours
from the moment you press play there (with --clock midi it waits for that).
"""


def _add_run(commands: Commands) -> None:
    parser = _add(commands, "run", "play live", _RUN)
    _add_what_to_play(parser, or_a_set=True)
    ports = parser.add_argument_group("MIDI")
    ports.add_argument(
        "--in", dest="in_port", metavar="PORT", help="also listen to this port (part of its name)"
    )
    ports.add_argument(
        "--out", dest="out_port", metavar="PORT", help="also play this port (part of its name)"
    )
    ports.add_argument(
        "--chords",
        dest="chords_port",
        metavar="PORT",
        help="take chords from this port (part of its name)",
    )
    ports.add_argument(
        "--controls",
        dest="controls_port",
        metavar="PORT",
        help="tell this controller where its motor faders and lights should stand (part of its name)",
    )
    ports.add_argument(
        "--backend",
        default="auto",
        metavar="SYSTEM",
        help="the MIDI system: auto, jack, alsa, coremidi, winmm, or none to play to nobody (default auto)",
    )
    ports.add_argument(
        "--clock",
        choices=("auto", "midi", "internal"),
        help="whose beat to follow: auto begins alone and hands over to your DAW, midi waits for it, "
        "internal ignores it (default: the preset's)",
    )
    osc = parser.add_argument_group("OSC")
    osc.add_argument(
        "--osc",
        metavar="HOST:PORT",
        help="where controllers reach livevae (default 127.0.0.1:9000, this computer only; "
        "0.0.0.0:9000 is every network it is in; off for none)",
    )
    osc.add_argument(
        "--osc-to",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="tell this controller every change, e.g. TouchOSC's address; may be given again",
    )
    page = parser.add_argument_group("page")
    page.add_argument(
        "--page",
        metavar="HOST:PORT",
        help="where the page is served (default 127.0.0.1:8765, this computer only; 0.0.0.0:8765 is every "
        "network it is in, and whoever comes needs the token that is printed)",
    )
    page.add_argument("--no-page", action="store_true", help="serve no page")
    page.add_argument("--no-browser", action="store_true", help="serve the page, but open no browser")
    session = parser.add_argument_group("session")
    session.add_argument(
        "--set",
        metavar="NAME",
        help="go on with this set, or begin it: palette, settings and controls are saved as you play; "
        "a set that exists knows its preset (`livevae sets` lists them)",
    )
    session.add_argument("--bars", type=_positive, metavar="N", help="end after so many bars")
    session.add_argument("--record", metavar="FILE.mid", help="write what was played to this file")


_RENDER = """\
Write to a file what a live performance would have played, note for note, without waiting for it.
"""


def _add_render(commands: Commands) -> None:
    parser = _add(commands, "render", "play into a file, faster than time", _RENDER)
    _add_what_to_play(parser)
    parser.add_argument("--input", metavar="FILE.mid", help="what the player plays; channels as on stage")
    parser.add_argument("--bars", type=_positive, required=True, metavar="N", help="how many bars")
    parser.add_argument("--out", required=True, metavar="FILE.mid", help="the file to write")


def _add_what_to_play(parser: argparse.ArgumentParser, *, or_a_set: bool = False) -> None:
    group = parser.add_argument_group("what to play")
    group.add_argument(
        "--preset",
        required=not or_a_set,
        metavar="NAME|FILE",
        help="a name that `livevae presets` lists, or a .toml file",
    )
    group.add_argument(
        "--bpm", type=float, metavar="B", help="tempo of its own clock, 20 to 400 (default: the preset's)"
    )
    group.add_argument(
        "--seed",
        type=int,
        metavar="S",
        help="0 to 999999; the same number and the same playing give the same set",
    )
    group.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="what runs the models: the processor (the usual; it is fast enough) or an NVIDIA card",
    )


_LEARN = """\
Have a running livevae learn which knob, fader, button or key of your MIDI controller turns a parameter.
Type the parameter, then touch the control. Without a parameter: list what has been learned.
"""


def _add_learn(commands: Commands) -> None:
    parser = _add(commands, "learn", "let a MIDI control turn a parameter", _LEARN)
    parser.add_argument("parameter", nargs="?", metavar="PART/NAME", help="such as melody/vary, or tempo")
    parser.add_argument("--forget", action="store_true", help="let no control turn it any more")
    parser.add_argument("--osc", metavar="HOST:PORT", help="where livevae listens (default 127.0.0.1:9000)")


_TOUCHOSC = """\
Write a layout for TouchOSC with everything that a preset's parts can be told, and say how to set up the app.
"""


def _add_touchosc(commands: Commands) -> None:
    parser = _add(commands, "touchosc", "write a TouchOSC layout", _TOUCHOSC)
    parser.add_argument("--out", required=True, metavar="FILE.tosc", help="the file to write")
    parser.add_argument(
        "--preset", default="trio", metavar="NAME|FILE", help="whose parts to lay out (default trio)"
    )
    parser.add_argument(
        "--port", type=_positive, metavar="N", help="the port at which TouchOSC listens (default 9001)"
    )


_DOCTOR = """\
Look for the usual faults and say how to mend each: Python and packages, models, MIDI system and ports,
whether a clock arrives, OSC. The exit status is 0 if livevae can play, 1 if not.
"""


def _add_doctor(commands: Commands) -> None:
    parser = _add(commands, "doctor", "find what is wrong and how to mend it", _DOCTOR)
    parser.add_argument("--in", dest="in_port", metavar="PORT", help="also listen for a clock at this port")
    parser.add_argument("--osc", metavar="HOST:PORT", help="the OSC address to try (default 127.0.0.1:9000)")
    parser.add_argument(
        "--listen",
        type=float,
        default=2.0,
        metavar="S",
        help="how many seconds to listen for a clock (default 2)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


_BENCH = """\
Measure how well this computer keeps time and how fast it thinks, beside what it could do at best.
"""


def _add_bench(commands: Commands) -> None:
    parser = _add(commands, "bench", "measure timing and speed on this computer", _BENCH)
    parser.add_argument(
        "--preset", default="trio", metavar="NAME|FILE", help="what to play meanwhile (default trio)"
    )
    parser.add_argument("--bars", type=_positive, metavar="N", help="how many bars to play at 240 BPM")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _positive(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")


def _crash_report() -> str:
    """The present exception, kept for whoever can read it; returns the file's name."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="livevae-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(f"livevae {_version()}, Python {sys.version}, {sys.platform}\n")
        report.write(traceback.format_exc())
        return report.name


def _version() -> str:
    try:
        return metadata.version("livevae")
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return "(not installed)"
