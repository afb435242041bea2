"""The page's token on this computer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from livevae.adapters.page.door import is_token
from livevae.commands import run_page
from livevae.commands.run_page import kept_token


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run_page, "user_folder", lambda: tmp_path / "livevae" / "presets")
    return tmp_path / "livevae"


def test_the_token_stays_the_same() -> None:
    assert is_token(kept_token())
    assert kept_token() == kept_token()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's own folder from others itself")
def test_nobody_else_on_this_computer_can_read_it(settings: Path) -> None:
    kept_token()
    assert os.stat(settings / "page-token").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short", b"UPPERCASE123", b"\xff" * 12])
def test_a_damaged_file_is_replaced(settings: Path, content: bytes) -> None:
    settings.mkdir()
    (settings / "page-token").write_bytes(content)
    assert is_token(kept_token())
    assert kept_token() == kept_token()


def test_where_nothing_can_be_kept_there_is_still_a_token(settings: Path) -> None:
    settings.write_text("a file where the folder should be")
    assert is_token(kept_token())
