"""Defaults are not validated when a record is read, so they are validated here, once."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated

import pytest
from pydantic import TypeAdapter

import schemas
from schemas.base import Model


def every_model(root: type[Model] = Model) -> Iterator[type[Model]]:
    for model in root.__subclasses__():
        yield model
        yield from every_model(model)


def models_of_schemas() -> list[type[Model]]:
    for module in pkgutil.iter_modules(schemas.__path__):
        import_module(f"schemas.{module.name}")
    return sorted(
        {model for model in every_model() if model.__module__.startswith("schemas.")},
        key=lambda model: (model.__module__, model.__name__),
    )


@pytest.mark.parametrize("model", models_of_schemas(), ids=lambda model: model.__name__)
def test_a_default_is_what_validation_would_make_of_it(model: type[Model]) -> None:
    for name, field in model.model_fields.items():
        if field.is_required():
            continue
        default = field.get_default(call_default_factory=True, validated_data={})
        value = TypeAdapter(Annotated[field.annotation, *field.metadata, "checked"]).validate_python(default)
        assert value == default, name
        assert type(value) is type(default), name
