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
    known = tokens.reshape(manifest.bars, manifest.steps_per_bar, -1)
    meant = run("conduct", {"z": z[None]})["bars"][0]
    memory = no_memory(manifest, 1)
    bars: list[Tokens] = []
    for bar in range(manifest.bars):
        written, more = completed_bar(manifest, run, meant[bar], memory, known[bar], given)
        bars.append(written)
        memory = np.concatenate([memory, more], axis=1)
    return np.concatenate(bars)


def completed_bar(
    manifest: Manifest, run: Run, meant: Floats, memory: Floats, known: Tokens, given: Collection[str]
) -> tuple[Tokens, Floats]:
    """One bar of it, shape (16, columns), int64, and what to keep in mind, shape (1, 4, m).

    meant: what is meant for the bar, shape (e,). memory: of the bars before, shape (1, beats, m). known: as
    ``tokens``, of this bar.
    """
    marks = [[part in given for part in manifest.build_codec().parts]]
    answer = run(
        COMPLETE,
        {
            COMPLETE_BAR_MEANT: np.ascontiguousarray(meant)[None],
            COMPLETE_MEMORY: memory,
            KNOWN: np.ascontiguousarray(known)[None],
            GIVEN: np.array(marks, dtype=np.float32),
        },
    )
    return answer[COMPLETED][0], answer[COMPLETE_MORE]
