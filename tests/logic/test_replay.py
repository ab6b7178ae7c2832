"""An old assessment replays to the same bytes, and a changed case, policy or engine is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from priorauth.replay import CannotReplay, replay
from priorauth.verification import verify
from schemas.policy import Confirmation
from tests.logic.governed import CHANGED_ON, SHIPPED, case_of, changed, knowing, versions
from tests.policies.assessed import VIGNETTES, assessed


# The list of ICD-10-CM codes reads its files by a way that Python means to retire.
pytestmark = pytest.mark.filterwarnings("ignore:(read|open)_text is deprecated:DeprecationWarning")


A_FEW = dict(list(VIGNETTES.items())[::40])


@pytest.mark.parametrize(
    "vignettes", [A_FEW, pytest.param(VIGNETTES, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_vignettes_replay_to_the_same_bytes(vignettes):
    changed = [
        name
        for name, vignette in vignettes.items()
        if replay(assessed(name), vignette.case(), SHIPPED) != assessed(name).model_dump_json().encode()
    ]

    assert changed == []


def test_a_version_published_since_changes_nothing():
    before, after = versions()
    case, day = case_of(CHANGED_ON), CHANGED_ON
    then = verify(case, as_of=day, knowledge=knowing(before))

    since = knowing(before, after)
    assert verify(case, as_of=day, knowledge=since) != then
    assert replay(then, case, since) == then.model_dump_json().encode()


def test_a_comparison_made_since_changes_nothing():
    before, _ = versions()
    case, day = case_of(date(2026, 6, 1)), date(2026, 6, 1)
    then = verify(case, as_of=day, knowledge=knowing(before))
    confirmation = Confirmation(
        compared_by="P. Pharmacist",
        bulletin="CPB 0206",
        compared_on=date(2026, 9, 1),
        valid_until=date(2027, 9, 1),
    )
    confirmed = changed(before, confirmation=confirmation)

    assert replay(then, case, knowing(confirmed)) == then.model_dump_json().encode()


def test_what_differs_is_named():
    before, after = versions()
    case, day = case_of(date(2026, 6, 1)), date(2026, 6, 1)
    then = verify(case, as_of=day, knowledge=knowing(before))

    with pytest.raises(CannotReplay, match="another content of case PA-00000000"):
        replay(then, case.model_copy(update={"condition": None}), knowing(before))
    with pytest.raises(CannotReplay, match="with other content"):
        replay(then, case, knowing(changed(before, title="Edited")))
    with pytest.raises(CannotReplay, match="found no aetna/immune_globulin"):
        replay(then, case, knowing(after))
    with pytest.raises(CannotReplay, match=r"expected priorauth 0\.0"):
        replay(then.model_copy(update={"engine": "priorauth 0.0"}), case, replace(SHIPPED))
