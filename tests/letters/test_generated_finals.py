"""Five hundred cases with items at random missing: each becomes a final that holds every item, or is refused by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.letters.kinds import KINDS, Completeness
from priorauth.letters.refusals import FinalRefused, LetterRefused
from priorauth.rendering.filters import longdate, number, shortdate
from priorauth.verification import verify
from schemas.base import Phase
from schemas.case import Case
from schemas.letter import LetterKind
from tests.letters.occasions import OCCASIONS, REVIEW, confirmed_knowledge
from tests.samples import AS_OF


pytestmark = pytest.mark.slow

CASES = 500

# What a person would look for in the letter; the product may be told from its code, and the dose from the order.
CONTACT_ITEMS = (
    "patient.family_name",
    "patient.born",
    "coverage.payer_name",
    "coverage.member_id",
    "prescriber.npi",
    "prescriber.phone",
)
REQUEST_ITEMS = (
    *CONTACT_ITEMS,
    "coverage.group_number",
    "coverage.plan_name",
    "practice.npi",
    "practice.tin",
    "request.hcpcs",
    "request.icd10",
    "request.orders",
    "request.starts",
    "request.ends",
    "request.site_of_care",
    "request.place_of_service",
    "request.infusion_provider",
    "request.infusion_provider_npi",
    "request.follow_up",
    "course.authorizations",
)


def _emptied(case: Case, path: str) -> Case:
    part, name = path.split(".")
    empty = () if name in ("orders", "authorizations") else None
    return case.model_copy(update={part: getattr(case, part).model_copy(update={name: empty})})


def _items(kind: LetterKind, case: Case) -> tuple[str, ...]:
    match KINDS[kind].completeness:
        case Completeness.REQUEST:
            return tuple(item for item in REQUEST_ITEMS if item not in _not_asked(case))
        case Completeness.CONTACT:
            return CONTACT_ITEMS
        case Completeness.INTERNAL:
            return ()


def _not_asked(case: Case) -> Iterator[str]:
    if case.request.phase is Phase.INITIATION:
        yield "course.authorizations"
    if not case.coverage.line_of_business.value.startswith("commercial"):
        yield "coverage.group_number"


def _printed(case: Case) -> dict[str, tuple[str, ...]]:
    """Return for each item the forms in which a letter may print it."""
    p, c, r, d, practice = case.patient, case.coverage, case.request, case.prescriber, case.practice
    return {
        "patient.born": (shortdate(p.born), longdate(p.born)) if p.born else (),
        "coverage.member_id": (c.member_id or "",),
        "coverage.group_number": (c.group_number or "",),
        "coverage.plan_name": (c.plan_name or "",),
        "coverage.payer_name": (c.payer_name or "",),
        "prescriber.npi": (d.npi or "",),
        "prescriber.phone": (d.phone or "",),
        "practice.npi": (practice.npi or "",),
        "practice.tin": (practice.tin or "",),
        "request.hcpcs": (r.hcpcs or "",),
        "request.icd10": (r.icd10 or "",),
        "request.starts": (shortdate(r.starts),) if r.starts else (),
        "request.ends": (shortdate(r.ends),) if r.ends else (),
        "request.place_of_service": (r.place_of_service or "",),
        "request.infusion_provider": (r.infusion_provider or "",),
        "request.infusion_provider_npi": (r.infusion_provider_npi or "",),
        "request.follow_up": (r.follow_up or "",),
        "course.authorizations": tuple(granted.number for granted in case.course.authorizations),
    }


def test_no_final_lacks_an_administrative_item_and_every_gap_is_named():
    random, outcomes = Random(20261123), Counter()  # noqa: S311  # the same cases on each run
    for _ in range(CASES):
        kind = random.choice(sorted(LetterKind))
        whole, _assessed = OCCASIONS[kind].case_and_assessment()
        items = _items(kind, whole)
        missing = random.sample(items, k=min(len(items), random.choice([0, 0, 1, 1, 2, 5])))
        case = whole
        for path in missing:
            case = _emptied(case, path)
        outcomes[_outcome(case, kind, missing)] += 1

    assert sum(outcomes.values()) == CASES
    assert min(outcomes["final"], outcomes["refused"]) > CASES // 5


def _outcome(case: Case, kind: LetterKind, missing: list[str]) -> str:
    known = confirmed_knowledge()
    assessed = verify(case, as_of=AS_OF, knowledge=known)
    try:
        letter = compose_letter(
            case, assessed, knowledge=known, kind=kind, matter=OCCASIONS[kind].matter, review=REVIEW
        )
    except FinalRefused as refused:
        named = {gap.field for gap in refused.gaps}
        assert missing, (kind, named)
        assert set(missing) <= named, (kind, set(missing) - named)
        return "refused"
    except LetterRefused:
        # Without the order itself, an expedited letter has no reason for haste and a switch no new route.
        assert missing
        return "refused"
    assert not missing, (kind, missing)
    text = " ".join("\n".join(letter.record.lines).replace("\N{NO-BREAK SPACE}", " ").split())
    for item in _items(kind, case):
        forms = [form.replace("\N{NO-BREAK SPACE}", " ") for form in _printed(case).get(item, ())]
        assert not forms or any(form in text for form in forms), (kind, item, forms)
    if KINDS[kind].completeness is Completeness.REQUEST:
        assert number(assessed.total_units) in text
        for line in assessed.doses:
            assert number(line.grams) in text
            assert not line.every_days or f"every {line.every_days} days" in text
    return "final"
