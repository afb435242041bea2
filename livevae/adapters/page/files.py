"""The page's own files, read once: there is nothing else that a visitor could be given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "web"
# Not asked of the system: on Windows another program may have told it that .js is plain text.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent. tag: changes with the content."""

    content: bytes
    content_type: str
    tag: str


def static_files() -> dict[str, StaticFile]:
    """Every file of the page by its path from the root, e.g. ``/faders.js``; ``/`` is the page itself."""
    files: dict[str, StaticFile] = {}
    for path in sorted(_FOLDER.rglob("*")):
        content_type = _TYPES.get(path.suffix)
        if content_type is None or not path.is_file():
            continue
        content = path.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        files[f"/{path.relative_to(_FOLDER).as_posix()}"] = StaticFile(content, content_type, tag)
    files["/"] = files["/index.html"]
    return files
