"""Yes, no and not documented, as True, False and None."""

from __future__ import annotations

from collections.abc import Iterable

from priorauth.facts.resolution import Known, Resolution, Value


Answer = bool | None


def every(answers: Iterable[Answer]) -> Answer:
    """False as soon as one is, True when all are."""
    known = list(answers)
    if False in known:
        return False
    return None if None in known else True


def some(answers: Iterable[Answer]) -> Answer:
    """True as soon as one is, False when none is."""
    known = list(answers)
    if True in known:
        return True
    return None if None in known else False


def among(resolution: Resolution, *values: Value) -> Answer:
    """Whether a fact has one of the values; None while it is unknown."""
    return resolution.value in values if isinstance(resolution, Known) else None
