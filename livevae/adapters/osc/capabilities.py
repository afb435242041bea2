"""The answer to /livevae/capabilities: one message for each thing there is to turn."""

from __future__ import annotations

from collections.abc import Iterator

from livevae.adapters.osc.addresses import ROOT, address_of
from livevae.adapters.osc.packets import write_message
from livevae.adapters.osc.values import to_argument
from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Parameter
from livevae.core.performance import Performance


def capability_messages(performance: Performance) -> Iterator[bytes]:
    """Datagrams: each parameter's, then /livevae/capabilities with the count, the preset and the parts.

    /livevae/capability address kind low high unit default choices acts help  (s s f f s ? s s s);
    choices are separated by commas, the default is of the parameter's own type.
    """
    rows: list[tuple[str | None, Parameter]] = [(None, parameter) for parameter in GLOBAL_PARAMETERS]
    rows += [(part.name, parameter) for part in performance.parts for parameter in PART_PARAMETERS]
    for part, parameter in rows:
        yield _capability(part, parameter)
    parts = ",".join(part.name for part in performance.parts)
    yield write_message(f"{ROOT}/capabilities", len(rows), performance.name, parts)


def _capability(part: str | None, parameter: Parameter) -> bytes:
    return write_message(
        f"{ROOT}/capability",
        address_of(part, parameter.name),
        parameter.kind.value,
        float(parameter.low),
        float(parameter.high),
        parameter.unit,
        to_argument(parameter.default),
        ",".join(parameter.choices),
        parameter.acts.value,
        parameter.help,
    )
