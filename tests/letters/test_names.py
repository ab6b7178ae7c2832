"""Names of every script print as they are written, and one that cannot be printed is named by its field."""

from __future__ import annotations

import pytest

from priorauth.letters.checking import check_letter
from priorauth.letters.compose import compose_letter, letter_pdf
from priorauth.rendering.errors import UnprintableText
from schemas.case import Case
from schemas.letter import LetterKind
from tests.samples import assessment, cases, knowledge


NAME = "01_cidp_initial"


def _named(family_name: str) -> Case:
    case = cases()[NAME]
    return case.model_copy(update={"patient": case.patient.model_copy(update={"family_name": family_name})})


def _cover(case: Case):
    return compose_letter(case, assessment(NAME), knowledge=knowledge(), kind=LetterKind.PORTAL_SHEET)


@pytest.mark.parametrize("name", ["Őszi-Žnidaršič", "בן־דוד", "الحسيني", "山田", "Nguyễn"])
def test_a_name_of_any_script_is_in_the_letter_and_in_its_pdf(name):
    letter = _cover(_named(name))
    check = check_letter(letter_pdf(letter))

    assert any(name in line for line in letter.record.lines)
    assert not check.problems


def test_a_name_does_not_turn_what_stands_around_it():
    assert "<bdi>Delphine בן־דוד</bdi>" in _cover(_named("בן־דוד")).html


def test_a_name_that_no_font_can_draw_is_refused_by_its_field():
    with pytest.raises(UnprintableText, match=r"^case\.patient\.family_name has U\+12000"):
        _cover(_named("\N{CUNEIFORM SIGN A}"))


def test_markup_in_the_record_is_printed_and_not_obeyed():
    html = _cover(_named("<b>Smith</b> & <script>alert(1)</script>")).html

    assert "<script>" not in html
    assert "&lt;b&gt;Smith&lt;/b&gt; &amp;" in html
