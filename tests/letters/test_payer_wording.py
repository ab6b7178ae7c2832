"""A payer's own wording is a file: it replaces one block of a letter and needs no code."""

from __future__ import annotations

from priorauth.letters.compose import compose_letter
from tests.samples import ROOT, assessment, cases, knowledge


def test_a_payers_file_replaces_one_block_and_leaves_the_rest(tmp_path):
    for part in (ROOT / "templates").iterdir():
        (tmp_path / part.name).symlink_to(part)
    own = tmp_path / "payers" / "aetna" / "letters" / "initiation.html.j2"
    own.parent.mkdir(parents=True)
    own.write_text(
        '{% extends "letters/initiation.html.j2" %}\n'
        "{% block opening %}<p>To the precertification unit:</p>{% endblock %}\n"
    )
    name, other = "01_cidp_initial", "03_mmn_initial"
    aetna = compose_letter(cases()[name], assessment(name), knowledge=knowledge(), templates_root=tmp_path)
    united = compose_letter(cases()[other], assessment(other), knowledge=knowledge(), templates_root=tmp_path)

    assert "To the precertification unit:" in aetna.html
    assert "Plan criteria and the record" in aetna.html
    assert "To the reviewing clinician:" in united.html
