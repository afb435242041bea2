"""The transport: every numbered case, and laws that hold whatever arrives."""

from __future__ import annotations

import pytest

from tests.core.transport_script import DOCUMENT, Case, document_with_table, play, read_cases

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_case(case: Case) -> None:
    play(case)


def test_case_numbers_are_unique() -> None:
    numbers = [case.number for case in CASES]
    assert len(set(numbers)) == len(numbers)


def test_the_document_lists_the_cases() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert document_with_table(text, CASES) == text
