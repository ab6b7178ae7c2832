"""The run forms: what they ask for, what the server refuses before a run starts, and that they ask for no person."""

import json

import pytest
from jsonschema import Draft7Validator
from pydantic import ValidationError

from flows.forms import FORMS, DeterminationForm, PartiallyApproved


CASE = {"case_id": "PA-36PRFKRK"}
DECISION = {
    **CASE,
    "decided_on": "2026-11-20",
    "recorded_by": "AL",
    "decision": {"reasons": ["no_baseline"]},
}


def string_fields(schema, path=""):
    """Yield every place of a schema at which text can be typed, with what restrains it."""
    if schema.get("type") == "string" and "enum" not in schema:
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from string_fields(part, f"{path}/{name}")
    for word in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(word, []):
            # Pydantic writes what restrains an optional text beside null, and its description one level up.
            yield from string_fields(part, path)
    for name, part in schema.get("$defs", {}).items():
        yield from string_fields(part, name)
    if "items" in schema:
        yield from string_fields(schema["items"], f"{path}[]")


@pytest.mark.parametrize("name", FORMS)
def test_no_form_takes_free_text(name):
    free = [path for path, field in string_fields(FORMS[name].model_json_schema()) if "pattern" not in field]

    assert free == (["/folder"] if name == "take_in_referrals" else [])


@pytest.mark.parametrize("name", FORMS)
def test_every_field_is_explained(name):
    schema = FORMS[name].model_json_schema()
    models = [schema, *schema.get("$defs", {}).values()]
    unnamed = [
        field
        for model in models
        for field, about in model.get("properties", {}).items()
        if "title" not in about or not model.get("description")
    ]

    assert unnamed == []


@pytest.mark.parametrize(
    ("name", "entered"),
    [
        ("verify_case", {"case_id": "Doe, John"}),
        ("verify_case", {**CASE, "as_of": "11/23/2026"}),
        ("verify_case", {**CASE, "patient": "Doe"}),
        ("prepare_requests", {"case_ids": ["PA-1"]}),
        ("record_determination", {**DECISION, "recorded_by": "Ann Lee"}),
        ("record_determination", {**DECISION, "decision": {"reasons": []}}),
        ("record_determination", {**DECISION, "decision": {"reasons": ["because"]}}),
    ],
)
def test_the_server_refuses_what_is_no_code_before_a_run_exists(name, entered):
    """The server checks forms by their JSON schema alone."""
    schema = FORMS[name].model_json_schema()

    assert not Draft7Validator(schema).is_valid(entered)
    with pytest.raises(ValidationError):
        FORMS[name].model_validate_json(json.dumps(entered))


def test_a_partial_approval_is_not_mistaken_for_a_full_one():
    grant = {"authorization_number": "A-1", "starts": "2026-12-01", "ends": "2027-05-31"}
    form = {**DECISION, "decision": {**grant, "modified": ["units"]}}

    assert type(DeterminationForm.model_validate(form).decision) is PartiallyApproved
