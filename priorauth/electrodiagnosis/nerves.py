"""Nerves by name and side, and the limb they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from priorauth.wording import slug_words
from schemas.base import Side
from schemas.chart import NerveRecording


# Laboratories still print the older names of the fibular nerve.
_OTHER_NAMES = {
    "peroneal": "fibular",
    "common_peroneal": "fibular",
    "deep_peroneal": "fibular",
    "common_fibular": "fibular",
    "deep_fibular": "fibular",
    "posterior_tibial": "tibial",
    "superficial_peroneal": "superficial_fibular",
}
_LEG_NERVES = frozenset(
    {
        "fibular",
        "superficial_fibular",
        "tibial",
        "sural",
        "saphenous",
        "femoral",
        "medial_plantar",
        "lateral_plantar",
        "sciatic",
    }
)


class Limb(StrEnum):
    """Arm or leg."""

    ARM = "arm"
    LEG = "leg"


@dataclass(frozen=True, slots=True, order=True)
class Nerve:
    """One nerve of one side. Left and right are two nerves."""

    name: str
    side: Side

    @property
    def words(self) -> str:
        return f"{self.side.value} {slug_words(self.name)}"

    @property
    def limb(self) -> Limb:
        return Limb.LEG if self.name in _LEG_NERVES else Limb.ARM


def in_order(nerve: Nerve) -> tuple[bool, Nerve]:
    """Sort arms before legs, where small responses and compression make a finding worth less."""
    return nerve.limb is Limb.LEG, nerve


def nerve_of(recording: NerveRecording) -> Nerve:
    """Return the nerve that was recorded, under its present name."""
    return Nerve(_OTHER_NAMES.get(recording.nerve, recording.nerve), recording.side)
