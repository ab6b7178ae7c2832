"""The files of an inbox: found in a stable order, read within bounds, and never followed out of their folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from priorauth.documents import MAXIMUM_BYTES, DocumentRefused
from priorauth.formats.plain_values import too_large
from priorauth.formats.unreadable import FaultCode, unreadable


def path_inside(folder: Path, named: str) -> Path:
    """Refuse a path that leads out of the folder of the case file, by dots, from the root or through a link."""
    root = folder.resolve()
    try:
        path = (root / named).resolve()
    except (OSError, RuntimeError, ValueError):
        path = root.parent
    if not path.is_relative_to(root):
        raise DocumentRefused(
            found=f"the path '{named}', which leads out of the folder of the case file",
            expected="a path inside that folder",
            mend="Put the document beside the case file.",
        )
    return path


def read_bytes(path: Path, name: str, limit: int = MAXIMUM_BYTES) -> bytes:
    """Read a regular file of bounded size; anything else, such as a pipe, would hang or never end."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise unreadable(
                FaultCode.NOT_A_REFERRAL,
                name,
                found="a folder, pipe or device",
                expected="a file",
                mend="Check the name.",
            )
        if about.st_size > limit:
            raise too_large(name, about.st_size, limit)
        return path.read_bytes()
    except OSError as error:
        raise unreadable(
            FaultCode.NOT_FOUND,
            name,
            found=(error.strerror or "no file").lower(),
            expected="a file that can be read",
            mend="Check the name, the link and who may read it.",
        ) from None


def check_inside(path: Path, folder: Path, name: str) -> None:
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        raise unreadable(
            FaultCode.NOT_FOUND,
            name,
            found="a link that leads nowhere or in a circle",
            expected="a file",
            mend="Replace the link by the file.",
        ) from None
    if not inside:
        raise unreadable(
            FaultCode.NOT_FOUND,
            name,
            found="a link that leads out of the folder",
            expected="a file of this folder",
            mend="Replace the link by the file.",
        )


def files_below(folder: Path) -> Iterator[Path]:
    """All files and links in a stable order; linked folders are not entered, so that no circle can hold the reading."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from files_below(entry)
        else:
            yield entry
