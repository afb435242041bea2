"""``livevae models``: the trained models on this computer."""

from __future__ import annotations

from argparse import Namespace

from livevae.adapters.model_store import installed_models
from livevae.places import user_folder


def main(arguments: Namespace) -> int:
    """Print each model's name, what it writes, its licence and its data; and those that are damaged."""
    damaged = 0
    for model in installed_models():
        manifest = model.manifest
        if manifest is None:
            damaged += 1
            print(f"{model.name}\n    cannot be used: {model.problem}")
            continue
        parts = ", ".join(manifest.build_codec().parts)
        bars = f"{manifest.bars} bars"
        megabytes = model.path.stat().st_size / 1e6
        print(f"{model.name}\n    {parts}; {bars} at a time; {megabytes:.1f} MB; licence {manifest.licence}")
        for data in manifest.data:
            print(f"    trained on {data.name} ({data.licence}): {data.attribution}")
    print(f"\nYour own .onnx files go into {user_folder()}.")
    return 1 if damaged else 0
