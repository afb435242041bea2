"""Bars of a model that hears what it wrote before: each decoded once for every beginning that leads to it.

A bar depends on what is meant for it, on its noise, and on all bars before it. So it is remembered by its
whole beginning: whoever asks for bar 9 has the nine before it decoded first, whoever then asks for bar 10
pays for one, and two pieces that begin alike share what they have in common.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from livevae.codec.base import Tokens
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Floats, Run, decode_bars, no_memory

REMEMBERED_BARS = 1024  # 64 phrases of 16 bars, a few kilobytes each
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Bar:
    tokens: Tokens
    more: Floats


class RememberedBars:
    """Decodes bars in order and keeps the newest. limit: how many."""

    def __init__(self, manifest: Manifest, run: Run, limit: int = REMEMBERED_BARS) -> None:
        self._manifest = manifest
        self._run = run
        self._limit = max(limit, manifest.bars)
        self._known: OrderedDict[bytes, _Bar] = OrderedDict()

    def last_of(self, bars: Floats, noises: Sequence[Floats], temperature: float) -> Tokens:
        """The last of some bars from a phrase's first on; shape (16, columns), int64.

        bars: what is meant for each, shape (count, e). noises: of each, shape (16, columns).
        """
        names = _names(bars, noises, temperature)
        memory = no_memory(self._manifest, 1)
        tokens: Tokens | None = None
        kept: list[Floats] = [memory]
        for name, bar, noise in zip(names, bars, noises, strict=True):
            if name not in self._known:
                memory = np.concatenate(kept, axis=1)
                kept = [memory]
                written, more = decode_bars(self._run, bar[None], noise[None], temperature, memory)
                self._known[name] = _Bar(written[0], more)
            self._known.move_to_end(name)
            kept.append(self._known[name].more)
            tokens = self._known[name].tokens
        while len(self._known) > self._limit:
            self._known.popitem(last=False)
        assert tokens is not None, "a phrase has at least one bar"
        return tokens


def _names(bars: Floats, noises: Sequence[Floats], temperature: float) -> list[bytes]:
    """What tells each beginning apart from all others."""
    names: list[bytes] = []
    name = repr(float(temperature)).encode()
    for bar, noise in zip(bars, noises, strict=True):
        digest = blake2b(name, digest_size=_DIGEST_BYTES)
        digest.update(bar.tobytes())
        digest.update(noise.tobytes())
        name = digest.digest()
        names.append(name)
    return names
