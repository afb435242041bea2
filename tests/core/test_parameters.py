"""The table of parameters holds together, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.core.parameters import GLOBAL_PARAMETERS, PART_PARAMETERS, Kind, Parameter, find_parameter
from livevae.errors import ParameterError

ALL = PART_PARAMETERS + GLOBAL_PARAMETERS


@pytest.mark.parametrize("parameter", ALL, ids=lambda p: p.name)
def test_every_row_accepts_its_own_default_and_explains_itself(parameter: Parameter) -> None:
    assert parameter.check(parameter.default) == parameter.default
    assert parameter.help
    assert parameter.accepts()
    assert (parameter.kind is Kind.CHOICE) == bool(parameter.choices)


@pytest.mark.parametrize("parameter", ALL, ids=lambda p: p.name)
def test_a_controller_reaches_every_value_and_comes_back(parameter: Parameter) -> None:
    assert parameter.from_unit(0.0) == parameter.check(parameter.from_unit(0.0))
    assert parameter.from_unit(1.0) == parameter.check(parameter.from_unit(1.0))
    if parameter.kind is Kind.CHOICE:
        assert [parameter.from_unit(parameter.to_unit(c)) for c in parameter.choices] == list(
            parameter.choices
        )
    elif parameter.kind is Kind.INTEGER:
        values = range(int(parameter.low), min(int(parameter.high), int(parameter.low) + 200) + 1)
        assert all(parameter.from_unit(parameter.to_unit(v)) == v for v in values)


@given(st.sampled_from(ALL), st.one_of(st.none(), st.floats(), st.text(), st.integers(), st.booleans()))
def test_any_value_is_accepted_or_refused_in_a_sentence(parameter: Parameter, value: object) -> None:
    refusal = ""
    try:
        accepted = parameter.check(value)
        assert parameter.check(accepted) == accepted
    except ParameterError as error:
        refusal = str(error)
    if refusal:
        assert parameter.name in refusal
        assert parameter.accepts() in refusal


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="temperature"):
        find_parameter("melody", "temprature")
    with pytest.raises(ParameterError, match="tempo"):
        find_parameter(None, "mode")
