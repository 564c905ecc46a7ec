import io

import pikepdf
import pytest
from PIL import Image

from medvault.simulator.limits import UPLOAD_BYTES
from medvault.simulator.samples import SAMPLES, sample


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_a_valid_file_that_could_be_sent_back(name: str) -> None:
    found = sample(name)
    assert 1_000 < len(found.data) < UPLOAD_BYTES[found.mime_type]
    if found.mime_type == "image/jpeg":
        Image.open(io.BytesIO(found.data)).verify()
        return
    with pikepdf.open(io.BytesIO(found.data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert b"Sunrise Diagnostics" in pdf.pages[0].Contents.read_bytes()
