"""A whole phrase out of some of its parts: what the others play to them.

A model of several parts decides beat by beat, each part hearing what all played before. Given one part's
notes, the others' numbers of z are read off as ever, but hearing that part as it was played. Without this a
melody played in alone would be answered by itself: that the others were silent is what they would be told.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from livevae.codec.base import Tokens
from livevae.codec.functions import (
    COMPLETE,
    COMPLETE_BAR_MEANT,
    COMPLETE_MEMORY,
    COMPLETE_MORE,
    COMPLETED,
    GIVEN,
    KNOWN,
)
from livevae.codec.manifest import Manifest
from livevae.codec.phrases import Floats, Run, no_memory


def can_complete(manifest: Manifest) -> bool:
    """Whether the model plays along with parts it is given."""
    return manifest.has_function(COMPLETE) and bool(manifest.layout.parts)


def completed(manifest: Manifest, run: Run, z: Floats, tokens: Tokens, given: Collection[str]) -> Tokens:
    """A phrase in which ``given`` parts are as in ``tokens`` and the others as z means them to be.

    z: shape (latent,). tokens: shape (steps, columns), int64, of which only the given parts count. Returns
    the same shape.
    """
    parts = manifest.build_codec().parts
    marks = np.array([[part in given for part in parts]], dtype=np.float32)
    known = tokens.reshape(1, manifest.bars, manifest.steps_per_bar, -1)
    meant = run("conduct", {"z": z[None]})["bars"]
    memory = no_memory(manifest, 1)
    bars: list[Tokens] = []
    for bar in range(manifest.bars):
        answer = run(
            COMPLETE,
            {
                COMPLETE_BAR_MEANT: np.ascontiguousarray(meant[:, bar]),
                COMPLETE_MEMORY: memory,
                KNOWN: np.ascontiguousarray(known[:, bar]),
                GIVEN: marks,
            },
        )
        bars.append(answer[COMPLETED][0])
        memory = np.concatenate([memory, answer[COMPLETE_MORE]], axis=1)
    return np.concatenate(bars)
