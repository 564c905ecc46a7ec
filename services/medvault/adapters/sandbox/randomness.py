"""Random numbers for qpdf, which wants a device for them where a box knows of none."""

import io

import pikepdf


def open_source() -> None:
    """Have qpdf open its source of random numbers, which it then keeps open.

    It needs them to read a PDF of AES-256, and to write one of AES-128, as here: at a tenth of the
    cost.
    """
    with pikepdf.new() as pdf:
        pdf.Root.Text = pikepdf.String("not empty, so that there is something to encrypt")
        pdf.save(io.BytesIO(), encryption=pikepdf.Encryption(owner="", user="", R=4))
