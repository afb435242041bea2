"""Training, from top to bottom."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from train.beginning import begin_with
from train.checkpoint import CHECKPOINT, Checkpoint, load_checkpoint
from train.config import ConfigError, FitConfig, parse_config
from train.journal import Figure, Journal
from train.material import Chosen, Judgement, load_material
from train.models import Loss, as_module, build
from train.place import Place, find_place

CHECKPOINT_EVERY_S = 45.0  # a killed run loses less than a minute: one is also written before each judgement
LOG_EVERY_S = 15.0
VALIDATE_EVERY_S = 150.0
_SMOOTHING = 0.98
_SEEDS_APART = 1_000_003  # between the noise of one process and the next


def fit(
    config_text: str,
    source: str,
    data: Path,
    out: Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    seed: int = 0,
    begin: Path | None = None,
    place: Place | None = None,
    processes: int = 1,
    quiet: bool = False,
) -> Judgement:
    """Train until the config's minutes are up, going on from ``out`` if a run is there.

    config_text: TOML, see train/config.py; source: named in errors. data: folder of the collections.
    out: folder of the run. minutes: overrides the config's. steps: stop after that many optimiser steps
    instead.
    seed: of weights, batches and noise. begin: a run or a model file (.onnx) of the same model to take the
    weights from, for another stage of its training, or to make it one's own.
    place: where to compute; None finds out. processes: to prepare songs with.
    Returns the last validation. Raises ConfigError when the config or the data cannot be used.
    """
    config = parse_config(config_text, source)
    settings = config.fit
    if begin is not None and settings.begun_learning_rate is not None:
        settings = replace(settings, learning_rate=settings.begun_learning_rate)
    here = find_place() if place is None else place
    _check_share(settings, here)
    quiet = quiet or not here.is_first
    total_minutes = settings.minutes if minutes is None else minutes
    torch.manual_seed(seed)
    model = build(config.kind, config.build_codec(), config.model, config.objective)
    if begin is not None and not (out / CHECKPOINT).exists():
        begin_with(begin, config, as_module(model))
    if not here.is_first:
        here.wait_for_all()  # until the first process has prepared the songs
    material = load_material(data, config, out.parent, processes)
    if here.is_first:
        here.wait_for_all()
    report = material.drop_report()
    _say(f"{material.windows} windows to train on, {material.held_out} held out; {report}", quiet)
    if material.windows < settings.batch_size:
        raise ConfigError(
            f"{data}: {material.windows} training windows cannot fill one batch of {settings.batch_size}; "
            f"give more music or lower fit.batch_size. {report}"
        )

    module = as_module(model).to(here.device)
    average = copy.deepcopy(module)
    optimiser = torch.optim.AdamW(
        module.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=settings.weight_decay
    )
    out.mkdir(parents=True, exist_ok=True)
    step, spent_minutes = 0, 0.0
    if (out / CHECKPOINT).exists():
        step, spent_minutes = _resume(load_checkpoint(out), config_text, module, average, optimiser)
        _say(f"going on from step {step}, {spent_minutes:.1f} minutes in", quiet)
    if not here.is_first:
        torch.manual_seed(seed + step + _SEEDS_APART * here.rank)  # else every process had the same noise
    order, random = np.random.default_rng([seed, step]), np.random.default_rng([seed, step, here.rank])
    about: dict[str, Figure] = {
        "name": config.name,
        "config_sha": config.sha,
        "seed": seed,
        "windows": material.windows,
    }
    about |= {"device": str(here.device), "processes": here.processes}

    def checkpoint() -> None:
        if here.is_first:
            states = (module.state_dict(), average.state_dict(), optimiser.state_dict())
            Checkpoint(config_text, step, spent_minutes, *states, torch.get_rng_state(), figures).save(out)

    started = time.monotonic() - spent_minutes * 60
    saved = logged = validated = time.monotonic()
    smooth: dict[str, float] = {}
    figures: dict[str, float] = {}
    with (
        Journal(out, about, silent=not here.is_first) as journal,
        _bar(total_minutes, spent_minutes, quiet) as bar,
        here.as_default(),
    ):
        journal.start(step, spent_minutes)
        for chosen in _batches(material.windows, settings.batch_size, order):
            spent_minutes = here.shared((time.monotonic() - started) / 60)
            progress = spent_minutes / total_minutes if steps is None else step / steps if steps else 1.0
            if progress >= 1.0:
                break
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(settings, step, progress)
            batch = here.put(material.batch(here.share(chosen), random))
            smooth = _step(model, average, optimiser, batch, step, settings, smooth, here)
            step += 1

            now = time.monotonic()
            bar.update(spent_minutes - bar.n)
            if now - logged > LOG_EVERY_S:
                logged = now
                bar.set_postfix({**{key: f"{value:.2f}" for key, value in smooth.items()}, "step": step})
                journal.write("train", step, spent_minutes, **smooth)
            is_time_to_judge = here.is_first and now - validated > VALIDATE_EVERY_S
            if is_time_to_judge or now - saved > CHECKPOINT_EVERY_S:
                saved = now
                checkpoint()
            if is_time_to_judge:
                latest = material.validate(average)
                figures = latest.figures()
                journal.write("validate", step, spent_minutes, **figures)
                _say(f"  step {step}: {latest}", quiet)
                validated = time.monotonic()
        final = material.validate(average)
        figures = final.figures()
        checkpoint()
        journal.write("end", step, spent_minutes, **figures)
    _say(f"done at step {step}: {final}", quiet)
    here.wait_for_all()
    return final


def _check_share(settings: FitConfig, here: Place) -> None:
    if settings.batch_size % here.processes:
        raise ConfigError(
            f"fit.batch_size = {settings.batch_size} cannot be shared evenly by {here.processes} processes"
        )


def _step(
    model: Any,
    average: Any,
    optimiser: Any,
    batch: tuple[Any, ...],
    step: int,
    settings: FitConfig,
    smooth: dict[str, float],
    here: Place,
) -> dict[str, float]:
    """One optimiser step; returns the smoothed figures. batch: tokens, and what is given beside them."""
    module = as_module(model)
    module.train()
    with torch.autocast(here.device.type, torch.bfloat16, enabled=settings.bfloat16):
        loss: Loss = model.loss(batch[0], step, *batch[1:])
    optimiser.zero_grad(set_to_none=True)
    loss.total.backward()  # type: ignore[no-untyped-call]
    total, reconstruction_nats, kl_nats = here.average(
        module, (loss.total, loss.reconstruction_nats, loss.kl_nats)
    )
    if not math.isfinite(total):
        raise FloatingPointError(f"the loss became {total} at step {step}; lower fit.learning_rate")
    torch.nn.utils.clip_grad_norm_(module.parameters(), settings.gradient_norm)
    optimiser.step()
    _follow(average, module, min(settings.weight_average, (1 + step) / (10 + step)))
    latest = {"reconstruction_nats": reconstruction_nats, "kl_nats": kl_nats}
    if not smooth:
        return latest
    return {key: _SMOOTHING * smooth[key] + (1 - _SMOOTHING) * latest[key] for key in latest}


@torch.no_grad()
def _follow(average: nn.Module, module: nn.Module, decay: float) -> None:
    """Move the running mean of the weights; a decay that grows with the steps keeps early ones out."""
    for mine, theirs in zip(average.parameters(), module.parameters(), strict=True):
        mine.lerp_(theirs, 1.0 - decay)


def learning_rate(settings: FitConfig, step: int, progress: float) -> float:
    """Linear warm-up over steps, then a cosine down over the run's time. progress: 0 … 1."""
    warm = min(1.0, (step + 1) / max(1, settings.warmup_steps))
    fall = 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))
    return warm * (
        settings.final_learning_rate + (settings.learning_rate - settings.final_learning_rate) * fall
    )


def _batches(windows: int, batch_size: int, random: np.random.Generator) -> Iterator[Chosen]:
    """Numbers of windows for ever, every window once a pass, a last short batch left out."""
    while True:
        order = random.permutation(windows)
        for first in range(0, len(order) - batch_size + 1, batch_size):
            yield order[first : first + batch_size]


def _resume(
    checkpoint: Checkpoint, config_text: str, module: Any, average: Any, optimiser: Any
) -> tuple[int, float]:
    if checkpoint.config() != parse_config(config_text, "this run's config"):
        raise ConfigError("the run to go on with was started with another config; give another --out")
    module.load_state_dict(checkpoint.weights)
    average.load_state_dict(checkpoint.average)
    optimiser.load_state_dict(checkpoint.optimiser)
    torch.set_rng_state(checkpoint.random)
    return checkpoint.step, checkpoint.minutes


def _bar(total_minutes: float, spent_minutes: float, quiet: bool) -> Any:
    layout = "{percentage:3.0f}% {bar} {n:.1f}/{total:.1f} min {postfix}"
    return tqdm(
        total=total_minutes,
        initial=spent_minutes,
        disable=quiet,
        bar_format=layout,
        mininterval=1.0,
        leave=False,
    )


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        tqdm.write(text)
