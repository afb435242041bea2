"""``livevae learn``: have a running livevae learn which MIDI control turns what."""

from __future__ import annotations

from argparse import Namespace

from livevae.adapters.osc.addresses import ROOT
from livevae.adapters.osc.client import OscClient
from livevae.adapters.osc.packets import Argument
from livevae.adapters.osc.server import DEFAULT_ENDPOINT, parse_endpoint
from livevae.errors import ParameterError, PortError

_ANSWER_S = 5.0  # a computer that is busy otherwise takes its time
_TOUCH_S = 60.0
_GESTURE_S = 1.2  # the rest of a gesture may still tell a fine fader or a button from a plain knob


def main(arguments: Namespace) -> int:
    """Learn, forget or list controls. Returns 1 if nothing was touched; raises LivevaeError."""
    peer = DEFAULT_ENDPOINT if arguments.osc is None else parse_endpoint(arguments.osc)
    with OscClient(peer) as client:
        if arguments.parameter is None:
            return _list(client)
        address = f"{ROOT}/{arguments.parameter.removeprefix(ROOT).strip('/')}"
        client.say(f"{ROOT}/subscribe")
        _wait_for(client, "state", _ANSWER_S)
        try:
            return _forget(client, address) if arguments.forget else _learn(client, address)
        finally:
            client.say(f"{ROOT}/unsubscribe")


def _list(client: OscClient) -> int:
    client.say(f"{ROOT}/state")
    found = 0
    for message in client.hear(_ANSWER_S):
        if message.address == f"{ROOT}/binding":
            found += 1
            address, control = message.arguments
            print(f"{_short(address)}: {_words(control)}")
        elif message.address == f"{ROOT}/state":
            if not found:
                print("No controls yet. `livevae learn melody/vary`, for example, learns one.")
            return 0
    raise _silence()


def _learn(client: OscClient, address: str) -> int:
    client.say(f"{ROOT}/learn", address)
    _wait_for(client, "learning", _ANSWER_S)
    print(f"Move or press the control that is to turn {_short(address)} (Ctrl-C gives up).", flush=True)
    control = ""
    try:
        control = _binding(client, address, _TOUCH_S)
        while control and (refined := _binding(client, address, _GESTURE_S)):
            control = refined
    finally:
        if not control:
            client.say(f"{ROOT}/learn")  # wait no more
    print(f"From now on {control} turns {_short(address)}." if control else "Nothing was touched.")
    return 0 if control else 1


def _forget(client: OscClient, address: str) -> int:
    client.say(f"{ROOT}/unlearn", address)
    _wait_for(client, "binding", _ANSWER_S, f"No control turned {_short(address)}.")
    print(f"No control turns {_short(address)} now.")
    return 0


def _binding(client: OscClient, address: str, within_s: float) -> str:
    for message in client.hear(within_s):
        if message.address == f"{ROOT}/binding" and message.arguments[:1] == (address,):
            return str(message.arguments[1])
    return ""


def _wait_for(client: OscClient, name: str, within_s: float, otherwise: str = "") -> None:
    """Return when livevae has said this; raises ParameterError with what it said was wrong."""
    for message in client.hear(within_s):
        if message.address == f"{ROOT}/{name}":
            return
        if message.address == f"{ROOT}/error":
            raise ParameterError(str(message.arguments[0]))
    raise ParameterError(otherwise) if otherwise else _silence()


def _silence() -> PortError:
    return PortError("livevae does not answer; is it running, and is --osc its address?")


def _words(argument: Argument) -> str:
    return argument if isinstance(argument, str) else ""


def _short(address: Argument) -> str:
    return _words(address).removeprefix(f"{ROOT}/")
