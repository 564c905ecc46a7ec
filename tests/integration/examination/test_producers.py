"""Pictures by the programs that people use are taken, and can be given back."""

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from medvault.domain.media import FileKind, sniff
from support.corpus import made
from support.ways_back import of_picture


def test_no_picture_of_the_usual_programs_is_refused(tmp_path: Path) -> None:
    made.prepare(tmp_path)
    commands = list(made.commands())
    with ThreadPoolExecutor(2) as threads:
        names = [str(number) for number in range(len(commands))]
        files = list(threads.map(lambda one, name: one.run(tmp_path, name), commands, names))
    found = {
        each.command: (sniff(file), of_picture(io.BytesIO(file), each.kind))
        for each, file in zip(commands, files, strict=True)
    }
    assert found == {each.command: (each.kind, None) for each in commands}
    assert len(found) >= 110


def test_each_kind_of_picture_has_several_producers() -> None:
    makers = {(each.kind, each.command.split()[0]) for each in made.commands()}
    by_kind = Counter(kind for kind, _ in makers)
    assert by_kind.keys() == set(FileKind) - {FileKind.PDF}
    assert sum(by_kind.values()) >= 18
