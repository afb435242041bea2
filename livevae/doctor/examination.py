"""The whole examination, in the order in which faults hide each other."""

from __future__ import annotations

from collections.abc import Iterator

from livevae.adapters.osc.told import Peer
from livevae.doctor.clock import examine_clock
from livevae.doctor.findings import Finding, Level
from livevae.doctor.installation import examine_packages, examine_python, examine_runtime
from livevae.doctor.material import examine_models, examine_presets
from livevae.doctor.midi import examine_connections, examine_ports, examine_system
from livevae.doctor.network import examine_osc
from livevae.doctor.timing import examine_timing


def examine(endpoint: Peer, listen_s: float, in_port: str | None = None) -> Iterator[Finding]:
    """Everything, one finding at a time as it is made.

    endpoint: the OSC address to try. listen_s: how long to wait for a clock. in_port: listen only there.
    """
    yield from examine_python()
    yield from examine_packages()
    runtime = list(examine_runtime())
    yield from runtime
    if all(finding.level is Level.FINE for finding in runtime):
        yield from examine_models()
    yield from examine_presets()
    yield from examine_timing()
    backend, findings = examine_system()
    yield from findings
    if backend != "none":
        inputs, findings = examine_ports(backend)
        yield from findings
        yield from examine_connections(backend)
        yield from examine_clock(backend, (in_port,) if in_port else inputs, listen_s)
    yield from examine_osc(endpoint)
