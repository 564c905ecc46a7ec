"""The release before: the code as it was just before the first migration of this release."""

import subprocess
import sysconfig
import tarfile
import venv
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[3]
VERSIONS = Path("services/medvault/adapters/postgres/migrations/versions")

BEFORE = "0008"
"""Its newest migration."""

_RUN = "from medvault.cli import main; main()"
ADVICE = (
    "git has no history of the newest migrations, so there is no release before to try: "
    "fetch it with `git fetch --unshallow`, or clone without --depth"
)


def release_before(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Unpacks the release before; returns its program, and what its environment needs."""
    archive = _git("archive", f"{_added()}^", "services")
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    python = _python(folder)
    return (str(python), "-c", _RUN), {"PYTHONPATH": str(folder / "services")}


def _python(folder: Path) -> Path:
    """A Python with that release: the processes that it starts by itself find that code too."""
    builder = venv.EnvBuilder(symlinks=True)
    builder.create(folder / "venv")
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    paths = [str(folder / "services"), sysconfig.get_path("purelib")]
    (packages / "release.pth").write_text("\n".join(paths) + "\n")
    return folder / "venv" / "bin" / "python"


def newest_revision(folder: Path) -> str:
    """The newest migration that a release has."""
    return max(path.name.partition("_")[0] for path in (folder / VERSIONS).glob("[0-9]*.py"))


def _added() -> str:
    """The commit that brought the first migration after it."""
    steps = sorted((ROOT / VERSIONS).glob("[0-9]*.py"))
    migration = next(path for path in steps if path.name.partition("_")[0] > BEFORE)
    path = str(migration.relative_to(ROOT))
    found = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", path).decode().strip()
    if not found or not _git("rev-list", "-1", "--parents", found).decode().split()[1:]:
        raise AssertionError(ADVICE)
    return found


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise AssertionError(f"{ADVICE} ({done.stderr.decode(errors='replace').strip()})")
    return done.stdout
