"""Both images, built once."""

import pytest

from support.docker import Image, build

VERSION, REVISION = "0.1.0-test", "0123456789abcdef"


@pytest.fixture(scope="session")
def services() -> Image:
    return build("services", tag="test", arguments={"VERSION": VERSION, "REVISION": REVISION})


@pytest.fixture(scope="session")
def operator() -> Image:
    return build("operator", tag="test", arguments={"VERSION": VERSION, "REVISION": REVISION})


@pytest.fixture(params=["services", "operator"])
def image(request: pytest.FixtureRequest) -> Image:
    """Each of them."""
    found: Image = request.getfixturevalue(request.param)
    return found
