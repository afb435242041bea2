"""Everything a model file says about itself, kept in the ONNX file's metadata.

The whole manifest is one JSON object under the key ``livevae``; a few human-readable keys beside it are for
people with a model viewer and are never read back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from livevae.codec.base import Codec
from livevae.codec.chords import CHORD_FEATURES, Features, beats_of
from livevae.codec.fields import Fields
from livevae.codec.functions import MEMORY, MORE, Function, TensorSpec
from livevae.codec.golden_record import Golden, GoldenCalls, read_golden
from livevae.codec.layout import NO_LAYOUT, LatentLayout
from livevae.codec.registry import codec_from
from livevae.core.performance import ModelInfo
from livevae.errors import ModelError
from livevae.units import BEATS_PER_BAR

__all__ = ["AttributeVector", "Dataset", "Function", "Golden", "GoldenCalls", "Manifest", "TensorSpec"]

FORMAT_VERSION = 1
METADATA_KEY = "livevae"

TASKS = ("melody", "drums", "groove", "beats", "trio", "band")
FEELING = ("groove", "beats")  # the one makes something of what came in, the other begins from nothing


@dataclass(frozen=True, slots=True)
class Dataset:
    """Training data, as it must be attributed."""

    name: str
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True)
class AttributeVector:
    """A direction in the latent space that raises one musical attribute; added with weights -1.5 … 1.5."""

    name: str
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's self-description.

    name: of this model. task: one of ``TASKS``. codec, codec_args: see ``codec_from``.
    latent_size: dimensions of z.
    functions: ``encode`` always, then ``decode``, or ``conduct`` and ``decode_bar``.
    bars, steps_per_bar: length of a window.
    temperature: the one recommended live.
    posterior_sigma: typical posterior standard deviation over validation data (how far *vary* may go
        before a listener hears another phrase).
    layout: which numbers of z are about which bars and parts, where the model tells them apart.
    figures: as measured, flat name -> number.
    trained_on: date, and config_sha: hash of the training config.
    """

    name: str
    task: str
    codec: str
    codec_args: Mapping[str, Any]
    latent_size: int
    functions: tuple[Function, ...]
    bars: int
    steps_per_bar: int
    temperature: float
    licence: str
    data: tuple[Dataset, ...]
    golden: Golden | GoldenCalls
    posterior_sigma: float = 1.0
    attributes: tuple[AttributeVector, ...] = ()
    layout: LatentLayout = NO_LAYOUT
    figures: Mapping[str, float] = field(default_factory=dict)
    trained_on: str = ""
    config_sha: str = ""
    format_version: int = FORMAT_VERSION

    def build_codec(self) -> Codec:
        """The codec the model was trained with."""
        return codec_from(self.codec, self.codec_args)

    def function(self, name: str) -> Function:
        """The function called ``name``; ModelError names the ones there are."""
        for function in self.functions:
            if function.name == name:
                return function
        known = ", ".join(f.name for f in self.functions)
        raise ModelError(f"model {self.name!r} has no function {name!r}; it has {known}")

    def has_function(self, name: str) -> bool:
        """Whether the model can do ``name``."""
        return any(function.name == name for function in self.functions)

    def info(self) -> ModelInfo:
        """What the core must know of the model."""
        names = tuple(attribute.name for attribute in self.attributes)
        return ModelInfo(
            self.name,
            self.bars,
            self.build_codec().parts,
            names,
            grooves=self.task in FEELING,
            wants_chords=self.wants_chords,
            composes=self.task == "beats",
            tells_bars=bool(self.layout.bars),
            tells_parts=bool(self.layout.parts),
            hears_bars=self.memory_size is not None,
            is_band=self.task == "band",
        )

    @property
    def wants_chords(self) -> bool:
        """Whether the model is told the chords of what it hears and writes."""
        return any(function.chords_input is not None for function in self.functions)

    def chord_feeds(self, function: str, chords: Features | None, batch: int) -> dict[str, Features]:
        """What to feed ``function`` besides, so that it knows the chords: nothing if it wants none.

        chords: shape (beats, 24), the same for the whole batch, or (batch, beats, 24); None for no chords
        known.
        """
        spec = self.function(function).chords_input
        if spec is None:
            return {}
        rows = np.zeros((beats_of(self.bars * self.steps_per_bar), CHORD_FEATURES), dtype=np.float32)
        told = np.broadcast_to(rows if chords is None else chords, (batch, *rows.shape))
        return {spec.name: np.ascontiguousarray(told, dtype=np.float32)}

    @property
    def memory_size(self) -> int | None:
        """Numbers a beat of what the model keeps in mind of the bars it wrote; None if it keeps nothing."""
        if not self.has_function("decode_bar"):
            return None
        spec = self.function("decode_bar").memory_input
        return None if spec is None else int(spec.shape[-1])

    def to_metadata(self) -> dict[str, str]:
        """Key-value pairs for the ONNX file's ``metadata_props``."""
        return {
            METADATA_KEY: json.dumps(asdict(self), separators=(",", ":"), sort_keys=True),
            "livevae.name": self.name,
            "livevae.task": self.task,
            "livevae.licence": self.licence,
            "livevae.attribution": "; ".join(dataset.attribution for dataset in self.data),
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Manifest:
        """The manifest in a model file's metadata.

        Raises ModelError naming the field and its value when it is missing, of the wrong kind, of an unknown
        format version or codec.
        """
        if METADATA_KEY not in metadata:
            raise ModelError(f"no {METADATA_KEY!r} entry in the file's metadata: not a livevae model")
        try:
            record = json.loads(metadata[METADATA_KEY])
        except (json.JSONDecodeError, RecursionError) as error:
            raise ModelError(f"the manifest is not JSON: {error}") from error
        fields = Fields(record, "manifest")
        version = fields.integer("format_version", 0)
        if version != FORMAT_VERSION:
            raise ModelError(f"manifest: format_version = {version}, this livevae reads {FORMAT_VERSION}")
        manifest = cls(
            name=fields.text("name"),
            task=fields.choice("task", TASKS),
            codec=fields.text("codec"),
            codec_args=fields.mapping("codec_args"),
            latent_size=fields.integer("latent_size", 1),
            functions=tuple(Function.read(f) for f in fields.records("functions")),
            bars=fields.integer("bars", 1),
            steps_per_bar=fields.integer("steps_per_bar", 1),
            temperature=fields.number("temperature"),
            licence=fields.text("licence"),
            data=tuple(
                Dataset(d.text("name"), d.text("licence"), d.text("attribution"))
                for d in fields.records("data")
            ),
            golden=read_golden(fields.record("golden")),
            posterior_sigma=fields.number("posterior_sigma"),
            attributes=tuple(
                AttributeVector(a.text("name"), a.numbers("vector")) for a in fields.records("attributes")
            ),
            layout=LatentLayout.read(fields.record("layout")) if fields.has("layout") else NO_LAYOUT,
            figures=fields.figures("figures"),
            trained_on=fields.text("trained_on"),
            config_sha=fields.text("config_sha"),
        )
        manifest._check_consistency()
        return manifest

    def _check_consistency(self) -> None:
        codec = self.build_codec()
        if codec.bars != self.bars or codec.steps != self.bars * self.steps_per_bar:
            raise ModelError(
                f"manifest: bars = {self.bars}, steps_per_bar = {self.steps_per_bar}, "
                f"but codec {self.codec!r} has {codec.bars} bars of {codec.steps} steps in all"
            )
        if isinstance(self.golden, GoldenCalls):
            self.golden.check_shape(self.function)
        else:
            self.golden.check_shape(codec.steps, len(codec.columns))
        for attribute in self.attributes:
            if len(attribute.vector) != self.latent_size:
                raise ModelError(
                    f"manifest: attribute {attribute.name!r} has {len(attribute.vector)} dimensions, "
                    f"latent_size = {self.latent_size}"
                )
        for function in self.functions:
            spec = function.chords_input
            beats = (beats_of(codec.steps), CHORD_FEATURES)
            if spec is not None and (spec.shape[1:] != beats or spec.dtype != "float32"):
                raise ModelError(
                    f"manifest: {spec.name!r} of function {function.name!r} is {spec.dtype} of shape "
                    f"{list(spec.shape)}, chords are float32 of {beats[0]} beats by {beats[1]}"
                )
        self.layout.check(self.bars, codec.parts, self.latent_size)
        self.function("encode")
        if not self.has_function("decode"):
            self.function("conduct")
            _check_memory(self.function("decode_bar"))


def _check_memory(function: Function) -> None:
    """What a bar adds to the memory has to fit it."""
    spec = function.memory_input
    if spec is None:
        return
    more = next((output for output in function.outputs if output.name == MORE), None)
    size = spec.shape[-1] if len(spec.shape) == 3 else None
    if (
        spec.dtype != "float32"
        or not isinstance(size, int)
        or isinstance(spec.shape[1], int)
        or more is None
        or more.shape[1:] != (BEATS_PER_BAR, size)
    ):
        raise ModelError(
            f"manifest: {MEMORY!r} of {function.name!r} is {spec.dtype} of shape {list(spec.shape)} and "
            f"{MORE!r} is {'missing' if more is None else list(more.shape)}, expected float32 of "
            f"(batch, beats, m), the second free, and (batch, {BEATS_PER_BAR}, m)"
        )
