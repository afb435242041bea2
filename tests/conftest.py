"""For all tests: generated examples are judged by what they give, never by how long they took."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("livevae", deadline=None)
settings.load_profile("livevae")
