"""``livevae ports``: what there is to connect with."""

from __future__ import annotations

from argparse import Namespace

from livevae.adapters.midi.choose import choose_backend, list_ports, why_no_midi
from livevae.adapters.midi.port import CLIENT_NAME


def main(arguments: Namespace) -> int:
    """Print the MIDI system and the ports of other programs, as --in and --out take them."""
    backend = choose_backend()
    if backend == "none":
        print(why_no_midi())
        return 1
    names = list_ports(backend)
    print(f"MIDI system: {names.system}")
    _print_list("livevae can listen to (--in)", names.inputs)
    _print_list("livevae can play (--out)", names.outputs)
    return 0


def _print_list(title: str, names: tuple[str, ...]) -> None:
    print(f"\n{title}:")
    others = [name for name in names if not name.startswith(CLIENT_NAME)]
    for name in others:
        print(f"    {name}")
    if not others:
        print("    nothing; programs may still connect themselves with livevae's own port")
