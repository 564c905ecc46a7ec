"""The chart for each set of values in turn."""

import pytest

from support.kubernetes.chart import VALUES, Manifest, rendered_with


@pytest.fixture(params=sorted(VALUES))
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """All objects of a release."""
    return rendered_with(request.param)
