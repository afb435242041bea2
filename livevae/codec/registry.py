"""The codecs by name, as model files name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from livevae.codec.band import BandCodec
from livevae.codec.base import Codec
from livevae.codec.drums import DrumsCodec
from livevae.codec.groove import GrooveCodec
from livevae.codec.melody import MelodyCodec
from livevae.codec.percussion import PercussionCodec
from livevae.codec.trio import TrioCodec
from livevae.errors import ModelError

MAX_BARS = 64  # no model is longer; a larger number in a file is a mistake or an attack on memory

CODECS: Mapping[str, Callable[..., Codec]] = MappingProxyType(
    {
        "melody": MelodyCodec,
        "drums": DrumsCodec,
        "percussion": PercussionCodec,
        "groove": GrooveCodec,
        "trio": TrioCodec,
        "band": BandCodec,
    }
)


def codec_from(name: str, args: Mapping[str, Any]) -> Codec:
    """The codec ``name`` with the arguments a model file gives.

    Raises ModelError naming what is unknown and what would be accepted.
    """
    build = CODECS.get(name)
    if build is None:
        raise ModelError(f"unknown codec {name!r}; this version knows {', '.join(sorted(CODECS))}")
    bars = args.get("bars", 1)
    if isinstance(bars, bool) or not isinstance(bars, int) or not 1 <= bars <= MAX_BARS:
        raise ModelError(f"codec {name!r}: bars = {bars!r}, expected a whole number from 1 to {MAX_BARS}")
    wrong = [key for key, value in args.items() if key != "bars" and not isinstance(value, str)]
    if wrong:
        raise ModelError(f"codec {name!r}: {wrong[0]} = {args[wrong[0]]!r}, expected text")
    try:
        return build(**args)
    except (TypeError, ValueError) as error:
        raise ModelError(f"codec {name!r} cannot be built from {dict(args)!r}: {error}") from error
