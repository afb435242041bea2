"""A model file's self-description survives the file, and a wrong one is refused by name."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livevae.codec.layout import NO_LAYOUT, LatentLayout
from livevae.codec.manifest import (
    METADATA_KEY,
    AttributeVector,
    Dataset,
    Function,
    Golden,
    Manifest,
    TensorSpec,
)
from livevae.errors import ModelError

STEPS = 16
ENCODE = Function(
    "encode",
    (TensorSpec("x", ("batch", STEPS, 9), "int64"),),
    (TensorSpec("mu", ("batch", 4), "float32"), TensorSpec("sigma", ("batch", 4), "float32")),
)
DECODE = Function(
    "decode",
    (
        TensorSpec("z", ("batch", 4), "float32"),
        TensorSpec("noise", ("batch", STEPS, 9), "float32"),
        TensorSpec("temperature", (), "float32"),
    ),
    (TensorSpec("y", ("batch", STEPS, 9), "int64"),),
)
SILENCE = ((0,) * 9,) * STEPS
MANIFEST = Manifest(
    name="one_bar",
    task="drums",
    codec="drums",
    codec_args={"bars": 1, "drum_map": "gm"},
    latent_size=4,
    functions=(ENCODE, DECODE),
    bars=1,
    steps_per_bar=16,
    temperature=0.9,
    licence="CC BY 4.0",
    data=(Dataset("Grooves", "CC BY 4.0", "A. Drummer"),),
    golden=Golden(SILENCE, (0.1, -0.2), 0.02, SILENCE),
    attributes=(AttributeVector("density", (0.1, 0.2, 0.3, 0.4)),),
    layout=LatentLayout((((1, 4),),), {"drums": ((1, 2), (3, 4))}),
    figures={"kl_nats": 40.5},
    trained_on="2026-01-01",
    config_sha="0123",
)


def test_it_survives_the_metadata() -> None:
    metadata = MANIFEST.to_metadata()
    assert all(isinstance(value, str) for value in metadata.values())
    assert Manifest.from_metadata(metadata) == MANIFEST
    assert metadata["livevae.attribution"] == "A. Drummer"


def altered(*path: Any, value: Any = None, remove: bool = False) -> dict[str, str]:
    record = json.loads(MANIFEST.to_metadata()[METADATA_KEY])
    place = record
    for key in path[:-1]:
        place = place[key]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return {METADATA_KEY: json.dumps(record)}


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Manifest) if f.name != "layout"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(ModelError, match=f"{field!r} is missing"):
        Manifest.from_metadata(altered(field, remove=True))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format_version",), 2, "format_version = 2, this livevae reads 1"),
        (
            ("codec",),
            "sitar",
            "unknown codec 'sitar'; this version knows band, drums, groove, melody, percussion, trio",
        ),
        (("codec_args",), {"bars": 1, "drum_map": "xg"}, "unknown drum map 'xg'"),
        (("codec_args",), {"bars": 10**9}, "bars = 1000000000, expected a whole number"),
        (("codec_args",), {"bars": 1, "strings": "6"}, "cannot be built"),
        (("task",), "poetry", "task = 'poetry', expected melody or drums or groove or beats or trio"),
        (("latent_size",), 0, "latent_size = 0, expected a whole number from 1"),
        (("latent_size",), True, "latent_size = True"),
        (("temperature",), "hot", "temperature = 'hot', expected a number"),
        (("bars",), 3, "bars = 3"),
        (("functions", 0, "name"), "incode", "no function 'encode'"),
        (("functions", 1, "name"), "improvise", "no function 'conduct'"),
        (("functions", 0, "inputs"), {}, r"functions\[0\]: inputs = {}, expected a list"),
        (("functions", 0, "inputs", 0, "shape"), [None], "shape = .* expected a list of sizes and names"),
        (("golden", "x"), [[1]], "golden.x is not 16 steps of 9 columns"),
        (("golden", "y"), [["a"]], "expected rows of tokens"),
        (("golden",), 5, "manifest.golden = 5, expected an object"),
        (("attributes", 0, "vector"), [1.0], "attribute 'density' has 1 dimensions, latent_size = 4"),
        (("layout", "bars"), [[[0]]], "layout: bars = .*, expected ranges of two whole numbers"),
        (("layout", "bars"), [3], "layout: bars = .*, expected lists of ranges"),
        (("layout", "bars"), [[[2, 5]]], r"layout holds \[2, 5\), latent_size = 4"),
        (("layout", "parts", "drums"), [["a", 2]], "layout.parts: drums = .*, expected ranges"),
        (("figures", "kl_nats"), "low", "figures.kl_nats = 'low', expected a number"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(path: tuple[Any, ...], value: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Manifest.from_metadata(altered(*path, value=value))


def test_a_file_from_before_latents_were_laid_out_is_read() -> None:
    assert Manifest.from_metadata(altered("layout", remove=True)).layout == NO_LAYOUT


def with_memory(memory: tuple[int | str, ...], more: tuple[int | str, ...]) -> Manifest:
    """A model whose bars are decoded with these shapes in mind."""
    conduct = Function("conduct", DECODE.inputs[:1], (TensorSpec("bars", ("batch", 1, 3), "float32"),))
    inputs = (
        TensorSpec("bar", ("batch", 3), "float32"),
        *DECODE.inputs[1:],
        TensorSpec("memory", memory, "float32"),
    )
    bar = Function("decode_bar", inputs, (*DECODE.outputs, TensorSpec("more", more, "float32")))
    return dataclasses.replace(MANIFEST, functions=(ENCODE, conduct, bar))


def test_a_model_says_that_it_keeps_its_bars_in_mind() -> None:
    manifest = with_memory(("batch", "beats_so_far", 6), ("batch", 4, 6))
    assert Manifest.from_metadata(manifest.to_metadata()).memory_size == 6
    assert MANIFEST.memory_size is None


@pytest.mark.parametrize(
    ("memory", "more"),
    [
        (("batch", 4, 6), ("batch", 4, 6)),
        (("batch", "beats_so_far", 6), ("batch", 4, 5)),
        (("batch", "beats_so_far", 6), ("batch", 16, 6)),
        (("batch", "beats_so_far", "m"), ("batch", 4, 6)),
    ],
)
def test_a_memory_that_no_bar_adds_to_is_refused(
    memory: tuple[int | str, ...], more: tuple[int | str, ...]
) -> None:
    with pytest.raises(ModelError, match="'memory' of 'decode_bar' is float32 of shape"):
        Manifest.from_metadata(with_memory(memory, more).to_metadata())


def test_files_that_are_no_livevae_model() -> None:
    with pytest.raises(ModelError, match="not a livevae model"):
        Manifest.from_metadata({"author": "somebody"})
    with pytest.raises(ModelError, match="not JSON"):
        Manifest.from_metadata({METADATA_KEY: "{"})
    with pytest.raises(ModelError, match="manifest = 3, expected an object"):
        Manifest.from_metadata({METADATA_KEY: "3"})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([f.name for f in dataclasses.fields(Manifest)]), json_values)
def test_any_value_anywhere_is_accepted_or_refused_in_words(field: str, value: Any) -> None:
    with contextlib.suppress(ModelError):
        manifest = Manifest.from_metadata(altered(field, value=value))
        manifest.build_codec()
        hash(manifest.functions)


def test_an_unknown_function_is_named_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"no function 'groove'; it has encode, decode"):
        MANIFEST.function("groove")
    assert not MANIFEST.has_function("groove")
