"""Whether a request that was prepared would come out the same again, so that it need not be made again.

Beside letter and packet lies a note of what they were made from: the assessment, which pins case, day and policy,
and the state of every file that a letter is made with.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flows.settings import ROOT
from priorauth.packets.model import SizeLimits
from priorauth.writing import write_whole
from schemas.assessment import Assessment


NOTE = "made-from.json"
_MADE_WITH = ("knowledge", "priorauth", "schemas", "templates")


class MadeFrom(BaseModel):
    """The note: a hash of all that went in, and what came out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    letter: str
    letter_sha256: str
    packets: dict[str, str]
    """Hashes by the name of the file; several where the payer takes no file so large."""
    pages: int
    refused: int
    dangling: int


def fingerprint_of(assessment: Assessment, limits: SizeLimits) -> str:
    """Hash all that decides how letter and packet of an assessment look."""
    return sha256(f"{assessment.model_dump_json()}\x00{_state_of_files()}\x00{limits}".encode()).hexdigest()


def leave_note(folder: Path, note: MadeFrom) -> None:
    """Write the note after what it speaks of."""
    write_whole(folder / NOTE, note.model_dump_json(indent=1).encode())


def note_of_unchanged(folder: Path, fingerprint: str) -> MadeFrom | None:
    """Return the note of a request that would come out the same and whose files are as they were written."""
    try:
        note = MadeFrom.model_validate_json((folder / NOTE).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    files = {note.letter: note.letter_sha256} | note.packets
    same = note.fingerprint == fingerprint and all(
        _sha256(folder / name) == digest for name, digest in files.items()
    )
    return note if same else None


def _sha256(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.exists() else ""


@cache
def _state_of_files() -> str:
    """Hash names, sizes and times of the product's own files; the lock file stands for the libraries."""
    files = [path for folder in _MADE_WITH for path in (ROOT / folder).rglob("*") if path.suffix != ".pyc"]
    state = [
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in [ROOT / "uv.lock", *files]
        if path.is_file()
    ]
    return sha256(repr(sorted(state)).encode()).hexdigest()
