"""The sample referrals with their letters."""

from __future__ import annotations

from functools import cache

from priorauth.letters.compose import ComposedLetter, compose_letter
from tests.samples import assessment, cases, knowledge


@cache
def letter(name: str) -> ComposedLetter:
    return compose_letter(cases()[name], assessment(name), knowledge=knowledge())
