"""``livevae doctor``: what is wrong and how to mend it."""

from __future__ import annotations

import json
import textwrap
from argparse import Namespace

from livevae.adapters.osc.server import DEFAULT_ENDPOINT, parse_endpoint
from livevae.doctor.examination import examine
from livevae.doctor.findings import Finding, Level

_WIDTH = 100
_MARKS = {Level.FINE: "ok     ", Level.WARNING: "warning", Level.FAULT: "FAULT  "}


def main(arguments: Namespace) -> int:
    """Print every finding as it is made. Returns 1 if livevae cannot play or nobody would hear it."""
    endpoint = parse_endpoint(arguments.osc) if arguments.osc else DEFAULT_ENDPOINT
    findings: list[Finding] = []
    for finding in examine(endpoint, max(0.0, arguments.listen), arguments.in_port):
        findings.append(finding)
        if not arguments.json:
            print(_in_words(finding), flush=True)
    faults = sum(finding.level is Level.FAULT for finding in findings)
    if arguments.json:
        print(
            json.dumps(
                {"well": not faults, "findings": [_as_json(finding) for finding in findings]}, indent=2
            )
        )
    elif faults:
        print(f"\n{faults} to mend before livevae is heard.")
    else:
        print("\nlivevae can play.")
    return 1 if faults else 0


def _in_words(finding: Finding) -> str:
    text = textwrap.fill(
        f"{_MARKS[finding.level]}  {finding.subject}: {finding.text}", _WIDTH, subsequent_indent=" " * 9
    )
    if not finding.mend:
        return text
    return f"{text}\n" + textwrap.fill(
        finding.mend, _WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9
    )


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "subject": finding.subject,
        "level": finding.level.value,
        "text": finding.text,
        "mend": finding.mend,
    }
