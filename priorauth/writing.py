"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class NotWritten(OSError):
    """A file that cannot be written where it was to be; the message names it and says why."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one; one with the same content is left alone.

    NotWritten says why it could not be.
    """
    try:
        _write_whole(path, content)
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else (error.strerror or type(error).__name__).lower()
        raise NotWritten(f"{path} cannot be written: {reason}; name another place") from None


def _write_whole(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
