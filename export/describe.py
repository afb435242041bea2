"""The manifest of a trained model, with a golden vector it can be checked by anywhere."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from export.golden_groove import recorded_groove
from livevae.codec.golden import golden_outputs, golden_phrase
from livevae.codec.groove import GrooveCodec
from livevae.codec.layout import NO_LAYOUT, LatentLayout
from livevae.codec.manifest import AttributeVector, Function, Golden, Manifest
from livevae.codec.phrases import Run
from livevae.units import STEPS_PER_BAR
from train.attribution import LICENCE, datasets
from train.config import TrainConfig

MU_TOLERANCE = 0.02
"""Float32 on another processor is off by about 1e-5; a wrong file, or broken arithmetic, by about 1."""
_GOLDEN_DIMENSIONS = 16
_SEED = 7


@dataclass(frozen=True, slots=True)
class Release:
    """What the file states beyond the weights.

    figures: as measured. temperature: recommended live. latent_scale: width of the prior (export/narrow.py).
    attributes: directions that raise one attribute each, in the model's own latent.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 1.0
    latent_scale: float = 1.0
    attributes: tuple[AttributeVector, ...] = ()


def describe(
    config: TrainConfig,
    functions: tuple[Function, ...],
    run: Run,
    release: Release,
    layout: LatentLayout = NO_LAYOUT,
) -> Manifest:
    """Everything the file says about itself.

    functions: of the exported graph; run: runs them. layout: of the model's latent. Among the figures,
    ``posterior_sigma`` is in the unit of the exported latent and becomes the manifest's own field.
    """
    codec = config.build_codec()
    encode = next(function for function in functions if function.name == "encode")
    latent_size = encode.outputs[0].shape[-1]
    assert isinstance(latent_size, int)
    draft = Manifest(
        name=config.name,
        task=config.task,
        codec=codec.name,
        codec_args=codec.args(),
        latent_size=latent_size,
        functions=functions,
        bars=codec.bars,
        steps_per_bar=STEPS_PER_BAR,
        temperature=release.temperature,
        licence=LICENCE,
        data=datasets(config.data.sources),
        golden=Golden((), (), MU_TOLERANCE, ()),
        attributes=tuple(_in_unit(attribute, release.latent_scale) for attribute in release.attributes),
        layout=layout,
        posterior_sigma=float(release.figures.get("posterior_sigma", 1.0)),
        figures={"latent_scale": release.latent_scale, **release.figures},
        trained_on=datetime.datetime.now(datetime.UTC).date().isoformat(),
        config_sha=config.sha,
    )
    if isinstance(codec, GrooveCodec):
        return dataclasses.replace(draft, golden=recorded_groove(draft, codec, run))
    return _with_golden(draft, run)


def _in_unit(attribute: AttributeVector, latent_scale: float) -> AttributeVector:
    return dataclasses.replace(
        attribute, vector=tuple(round(value / latent_scale, 5) for value in attribute.vector)
    )


def _with_golden(draft: Manifest, run: Run) -> Manifest:
    """A golden vector that ships nobody's music: the input is the model's own sample."""
    generator = torch.Generator().manual_seed(_SEED)
    z = torch.randn(1, draft.latent_size, generator=generator).numpy()
    x = golden_phrase(draft, run, z)
    mu, y = golden_outputs(draft, run, x)
    golden = Golden(
        x=tuple(tuple(row) for row in x.tolist()),
        mu=tuple(round(value, 6) for value in mu[:_GOLDEN_DIMENSIONS].tolist()),
        mu_tolerance=MU_TOLERANCE,
        y=tuple(tuple(row) for row in y.tolist()),
    )
    return dataclasses.replace(draft, golden=golden)
