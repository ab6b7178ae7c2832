"""The top-level names are ours alone, and the pins keep Prefect working."""

import importlib.metadata

import pytest


@pytest.mark.parametrize("name", ["flows", "priorauth", "schemas"])
def test_no_other_installed_package_claims_the_name(name):
    owners = importlib.metadata.packages_distributions().get(name, [])

    assert set(owners) <= {"ivig-prior-auth"}
