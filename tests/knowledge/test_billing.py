"""Billing codes: modifiers by route, vials and day, places of service, and codes that are not what a page says."""

from datetime import date
from decimal import Decimal

import pytest

from priorauth.billing import claim_modifiers
from schemas.assessment import DoseLine
from schemas.base import Route, SiteOfCare
from schemas.billing import CodeSystem
from schemas.provenance import Confidence, provenance_of


TODAY = date(2026, 11, 23)
IV, SC = Route.INTRAVENOUS, Route.SUBCUTANEOUS


def dose(grams, *vials):
    counted = tuple((Decimal(size), number) for size, number in vials)
    return DoseLine(phase="maintenance", grams=Decimal(grams), vials=counted, units=grams * 2, over_days=1)


@pytest.mark.parametrize(
    ("product", "route", "doses", "on", "codes"),
    [
        ("privigen", IV, [dose(70, (40, 1), (20, 1), (10, 1))], TODAY, ["JZ"]),
        ("privigen", IV, [dose(72, (40, 1), (20, 1), (10, 1), (5, 1))], TODAY, ["JW"]),
        ("privigen", IV, [dose(70, (70, 1)), dose(72, (75, 1))], TODAY, ["JW"]),
        ("privigen", IV, [dose(70, (70, 1))], date(2023, 6, 30), []),
        ("privigen", IV, [dose(70, (70, 1))], date(2023, 7, 1), ["JZ"]),
        ("privigen", IV, [dose(70)], TODAY, []),
        ("privigen", IV, [], TODAY, []),
        ("gamunex_c", SC, [dose(10, (10, 1))], TODAY, ["JB", "JZ"]),
        ("hizentra", SC, [dose(10, (10, 1))], TODAY, ["JZ"]),
    ],
)
def test_the_modifiers_of_the_claim_line(knowledge, product, route, doses, on, codes):
    found = claim_modifiers(knowledge.products[product], route, doses, day=on, knowledge=knowledge)

    assert [code.code for code in found] == codes


def test_every_site_of_care_has_a_place_of_service(knowledge):
    for site in SiteOfCare:
        assert knowledge.places_of_service(site, TODAY), site


def test_04_is_the_homeless_shelter_and_no_home(knowledge):
    code = knowledge.billing_code(CodeSystem.PLACE_OF_SERVICE, "04", TODAY)

    assert code.meaning == "Homeless shelter"
    assert code.sites == ()
    assert knowledge.places_of_service(SiteOfCare.HOME, TODAY) == ("12",)


def test_the_rates_of_the_home_benefit_carry_their_own_confidence(knowledge):
    code = knowledge.billing_code(CodeSystem.HCPCS, "Q2052", TODAY)
    marks = {rate.year: provenance_of(code, f"rates/{rate.year}").confidence for rate in code.rates}

    assert marks == {
        2023: Confidence.LOOKED_UP,
        2024: Confidence.UNVERIFIED,
        2025: Confidence.UNVERIFIED,
    }
    assert code.open_question is not None


def test_no_system_has_a_code_twice_on_one_day(knowledge):
    in_force = [(one.system, one.code) for one in knowledge.billing.values() if one.in_force_on(TODAY)]

    assert len(in_force) == len(set(in_force))
