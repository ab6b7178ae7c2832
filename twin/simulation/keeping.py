"""Keeps what each practice came to, so that a proof of hours goes on where it was broken off."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter

from twin.simulation.odds import Odds
from twin.simulation.results import Tally


ROOT = Path(__file__).parents[2]
FOLDERS = ("priorauth", "schemas", "twin", "knowledge")
TALLY = TypeAdapter(Tally)


def what_decides(odds: Odds) -> str:
    """Return the hash of the odds, the code and the knowledge: after a change of any of them everything is run again."""
    digest = sha256(repr(odds).encode())
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".yaml"}:
                digest.update(f"{path.relative_to(ROOT)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def kept(folder: Path, name: str, run: Callable[[], Tally]) -> Tally:
    """Return the tally kept under a name, else run and keep it."""
    path = folder / f"{name}.json"
    if path.exists():
        return TALLY.validate_json(path.read_bytes())
    tally = run()
    written = path.with_suffix(".part")
    written.write_bytes(TALLY.dump_json(tally))
    # Named only once it is whole: a run broken off while writing leaves no half tally behind.
    written.replace(path)
    return tally
