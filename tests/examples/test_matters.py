"""The example of every matter is read, fits its kinds of letters, and explains each of its fields."""

from datetime import date

import pytest

from flows.commands.making import EXAMPLES, LetterWanted, written_letter
from flows.settings import ROOT
from priorauth.letters.kinds import KINDS
from priorauth.yaml_records import load_record


AS_OF = date(2026, 11, 23)
REFERRALS = ROOT / "examples" / "referrals"


def test_every_matter_has_an_example():
    assert set(EXAMPLES) == {rules.matter for rules in KINDS.values() if rules.matter}


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_an_example_is_read_and_names_every_field(model):
    path = ROOT / EXAMPLES[model]

    load_record(path, model)
    text = path.read_text(encoding="utf-8")
    assert [field for field in model.model_fields if f"{field}:" not in text] == []


@pytest.mark.rendering
@pytest.mark.parametrize(
    ("sample", "kind", "file"),
    [
        ("01_cidp_initial", "first_level_appeal", "denial.yaml"),
        ("01_cidp_initial", "information_reply", "inquiry.yaml"),
        ("01_cidp_initial", "peer_to_peer_brief", "call.yaml"),
        ("17_nonpreferred_product", "nonpreferred_product_exception", "exception.yaml"),
        ("09_weight_change", "dose_change", "dose_change.yaml"),
    ],
)
def test_an_example_makes_the_letter_that_its_head_promises(sample, kind, file, tmp_path):
    matter = ROOT / "examples" / "matters" / file
    assert f"referrals/{sample} --kind {kind}" in matter.read_text(encoding="utf-8")

    written = written_letter(
        str(REFERRALS / sample), tmp_path / "letter.pdf", AS_OF, wanted=LetterWanted(kind, matter)
    )

    assert written.kind == kind
    assert (tmp_path / "letter.pdf").stat().st_size > 1000
