import io

import pytest
from python_multipart.multipart import Field, File, parse_form

from medvault.adapters.whatsapp.uploads import Upload, exactly
from medvault.domain.errors import Transient
from medvault.domain.media import FileKind

HOSTILE = 'a"; name="type"\r\nContent-Type: text/html\r\n\r\n--x.pdf'


@pytest.mark.parametrize("filename", ["scan.pdf", "रिपोर्ट.pdf", HOSTILE, ""])
def test_the_form_is_as_long_as_it_says_and_holds_the_file(filename: str) -> None:
    chunks = [b"%PDF-", b"", b"1.7\r\n--", b"rest"]
    upload = Upload(chunks, 16, FileKind.PDF, filename)
    body = b"".join(upload)
    assert upload.headers["Content-Length"] == str(len(body))
    fields: dict[bytes | None, bytes | None] = {}
    files: dict[bytes | None, bytes] = {}

    def on_field(field: Field) -> None:
        fields[field.field_name] = field.value

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        files[file.field_name] = file.file_object.read()

    headers = {name: value.encode() for name, value in upload.headers.items()}
    parse_form(headers, io.BytesIO(body), on_field, on_file)
    assert fields == {b"messaging_product": b"whatsapp", b"type": b"application/pdf"}
    assert files == {b"file": b"%PDF-1.7\r\n--rest"}


def test_chunks_of_the_right_size_pass() -> None:
    assert list(exactly(0, [])) == []
    assert list(exactly(4, [b"ab", b"", b"cd"])) == [b"ab", b"", b"cd"]


@pytest.mark.parametrize(
    ("chunks", "passed"),
    [([b"ab"], [b"ab"]), ([], []), ([b"ab", b"cde"], [b"ab"]), ([b"abcde"], [])],
)
def test_no_byte_too_many_gets_through_and_none_may_lack(
    chunks: list[bytes], passed: list[bytes]
) -> None:
    seen: list[bytes] = []
    with pytest.raises(Transient):
        seen.extend(exactly(4, chunks))
    assert seen == passed
