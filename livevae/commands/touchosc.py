"""``livevae touchosc``: a layout for TouchOSC, and how to set the app up for it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from livevae.adapters.osc.server import DEFAULT_ENDPOINT
from livevae.errors import SetError
from livevae.preset_files import load_preset
from livevae.repertoire import prepare
from livevae.tosc_format import layout_bytes
from livevae.touchosc import DEFAULT_REPLY_PORT, page_names, touchosc_layout
from livevae.wording import in_words

_HOW = """\
{path} has pages for {pages}.

1. Send it to your tablet (in TouchOSC: import it, or open it in the editor on this computer).
2. There, under Connections, OSC, connection 1: type UDP, host this computer's address,
   send port {livevae_port}, receive port {port}.
3. Here: livevae run --preset {preset} --osc 0.0.0.0:{livevae_port}
4. Touch "connect". From then on faders and labels follow livevae.
"""


def main(arguments: Namespace) -> int:
    """Write the layout and say what to do with it. Raises LivevaeError."""
    performance = prepare(load_preset(arguments.preset)).performance
    port = DEFAULT_REPLY_PORT if arguments.port is None else arguments.port
    path = Path(arguments.out)
    layout = touchosc_layout(performance, port)
    try:
        path.write_bytes(layout_bytes(layout))
    except OSError as error:
        raise SetError(f"{path} cannot be written: {error.strerror or error}") from error
    print(
        _HOW.format(
            path=path,
            pages=in_words(page_names(layout)),
            preset=arguments.preset,
            port=port,
            livevae_port=DEFAULT_ENDPOINT[1],
        ),
        end="",
    )
    return 0
