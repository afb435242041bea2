"""Notes to arrays and back: the contract between training and the stage.

A codec fully says what a model reads and writes; a model file names its codec and the
codec's arguments, so that the file alone says how to play it.
"""

from __future__ import annotations

from livevae.codec.base import Codec, Column
from livevae.codec.manifest import Manifest
from livevae.codec.registry import CODECS, codec_from

__all__ = ["CODECS", "Codec", "Column", "Manifest", "codec_from"]
