"""The case store: the truth about every case, on SQLite or PostgreSQL, with the files of the record beside it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from priorauth.store.opening import Store, open_store

__all__ = ["Store", "open_store"]


def __getattr__(name: str) -> Any:
    """Load the database libraries with the store itself: a command on a file names only its errors and records."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("priorauth.store.opening"), name)
