"""What a payer grants: mostly what was asked for, now and then less or something else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from priorauth.course_days import code_on, units_of
from schemas.product import Product
from schemas.renewal import TaskKind
from schemas.treatment import Authorization
from twin.simulation.happenings import Disturbance
from twin.simulation.odds import PayerHabits
from twin.simulation.patients import RECORDED, SITES, SimulatedPatient


def authorization_for(
    patient: SimulatedPatient,
    payer: PayerHabits,
    rng: Random,
    *,
    kinds: tuple[TaskKind, ...],
    decided_on: date,
    products: dict[str, Product],
    happened: Callable[[Disturbance], None],
) -> Authorization | None:
    """Grant a request; None where the patient has nothing planned that could be granted."""
    planned = patient.next_planned()
    if planned is None:
        return None
    code = code_on(products, patient.product, decided_on)
    dose_units = units_of(planned.grams, code)
    assert code is not None  # noqa: S101 - simulated products have a code
    assert dose_units is not None  # noqa: S101
    starts = _starts(patient, payer.name, kinds, decided_on)
    months = rng.choice(payer.months)
    days = months * 30
    doses = days // patient.interval + 1
    granted: dict[str, Any] = {"units": dose_units * doses}
    if rng.random() < payer.counts_visits:
        each = -(-dose_units // planned.over_days)
        granted = {"visits": doses * planned.over_days, "units_per_visit": each}
    if rng.random() < payer.partial:
        days, granted, disturbance = _less(rng, days, granted, doses=doses)
        happened(disturbance)
    if rng.random() < 0.5:
        granted["dosing_weight_kg"] = patient.kilograms.quantize(Decimal("0.1"))
    return Authorization(
        number=f"A{patient.requests_sent}",
        payer=payer.name,
        hcpcs=code.code,
        starts=starts,
        ends=starts + timedelta(days=days - 1),
        source=RECORDED,
        **granted,
    )


def _starts(patient: SimulatedPatient, payer: str, kinds: tuple[TaskKind, ...], decided_on: date) -> date:
    """A renewal follows the authorization in force; anything else begins at once."""
    if set(kinds) != {TaskKind.RENEWAL} or patient.waiting_since is not None:
        return decided_on
    ends = max((one.grant.ends for one in patient.account.granted if one.grant.payer == payer), default=None)
    planned = patient.next_planned()
    follows = decided_on if ends is None else max(decided_on, ends + timedelta(days=1))
    runs_out = patient.wish is not None and ends is not None and patient.wish.infusion <= ends
    return decided_on if runs_out or planned is None else follows


def _less(
    rng: Random, days: int, granted: dict[str, Any], *, doses: int
) -> tuple[int, dict[str, Any], Disturbance]:
    match rng.randrange(4):
        case 0:
            return max(days // 2, 45), granted, Disturbance.PARTIAL_TIME
        case 1:
            if granted.get("units"):
                fewer = {"units": max(granted["units"] * 2 // 3, granted["units"] // doses)}
            else:
                fewer = {"visits": max(granted["visits"] * 2 // 3, 2)}
            return days, granted | fewer, Disturbance.PARTIAL_UNITS
        case 2:
            # The payer's clerk counts with another unit size or leaves a visit out.
            if granted.get("units"):
                wrong = {"units": granted["units"] * (doses - 1) // doses + 3}
            else:
                wrong = {"units_per_visit": max(granted["units_per_visit"] - 2, 1)}
            return days, granted | wrong, Disturbance.MISCOUNTED
        case _:
            return days, granted | {"sites": (rng.choice(SITES),)}, Disturbance.OTHER_SITE
