"""Take any fact away, or change it, and every sentence that used it disappears or changes, or the letter refuses."""

from __future__ import annotations

import pytest

from priorauth.letters.compose import compose_letter
from priorauth.letters.refusals import LetterRefused
from priorauth.verification import verify
from schemas.case import Case
from schemas.letter import Claim, LetterKind
from schemas.letter_matter import Matter
from tests.letters.mutations import mutations, rests_on, statements
from tests.letters.occasions import OCCASIONS
from tests.samples import AS_OF, NAMES, cases, knowledge


pytestmark = pytest.mark.slow


def _claims(case: Case, kind: LetterKind | None, matter: Matter | None) -> tuple[Claim, ...]:
    assessed = verify(case, as_of=AS_OF, knowledge=knowledge())
    try:
        return compose_letter(case, assessed, knowledge=knowledge(), kind=kind, matter=matter).record.claims
    except LetterRefused:
        return ()


def _survivors(case: Case, kind: LetterKind | None, matter: Matter | None) -> tuple[int, list[str]]:
    """Count the sentences put to the test, and name those that an entry's loss left as they were."""
    claims = _claims(case, kind, matter)
    tested, survivors = 0, []
    for mutation in mutations(case):
        used = [claim for claim in claims if rests_on(claim, mutation.entry)]
        if not used:
            continue
        after = {(claim.about, claim.text): claim for claim in _claims(mutation.case, kind, matter)}
        tested += len(used)
        for claim in used:
            # The same words may still be said on the word of another entry, which is then the one that is cited.
            same = after.get((claim.about, claim.text))
            if same is not None and rests_on(same, mutation.entry):
                survivors.append(f"{mutation.how} {mutation.entry!r}: {claim.about} {claim.text}")
    return tested, survivors


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind is not LetterKind.FAX_COVER])
def test_no_sentence_of_a_kind_outlives_what_it_rests_on(kind):
    case, _ = OCCASIONS[kind].case_and_assessment()
    tested, survivors = _survivors(case, kind, OCCASIONS[kind].matter)

    assert tested
    assert not survivors


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_of_a_sample_outlives_what_it_rests_on(name):
    tested, survivors = _survivors(cases()[name], None, None)

    assert tested
    assert not survivors


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if OCCASIONS[kind].matter is not None])
def test_a_statement_of_the_matter_is_printed_in_its_own_words_with_its_source(kind):
    case, _ = OCCASIONS[kind].case_and_assessment()
    matter = OCCASIONS[kind].matter
    sentences = {claim.text: claim for claim in _claims(case, kind, matter)}
    for statement in statements(matter):
        said = [claim for text, claim in sentences.items() if statement.words[1:] in text]

        assert said, statement
        assert all(claim.witnesses[0].fact.source == statement.source for claim in said)
