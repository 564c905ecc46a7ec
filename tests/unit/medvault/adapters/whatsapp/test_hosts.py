import pytest

from medvault.adapters.whatsapp.hosts import AllowedHosts

LISTED = ("graph.facebook.com", ".fbsbx.com", ".whatsapp.net")
META = AllowedHosts("https://graph.facebook.com", LISTED)
SIMULATOR = AllowedHosts("http://127.0.0.1:8090/base", LISTED)


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3",
        "https://LOOKASIDE.FBSBX.COM/x",
        "https://lookaside.fbsbx.com:443/x",
        "https://mmg.whatsapp.net/x",
        "https://a.b.whatsapp.net/x",
        "https://graph.facebook.com/x",
    ],
)
def test_metas_hosts_are_allowed(url: str) -> None:
    assert META.allow(url)
    assert SIMULATOR.allow(url)


def test_the_origin_of_the_api_is_allowed_and_only_that_one() -> None:
    assert SIMULATOR.allow("http://127.0.0.1:8090/file")
    assert not META.allow("http://127.0.0.1:8090/file")
    assert not SIMULATOR.allow("https://127.0.0.1:8090/file")
    assert not SIMULATOR.allow("http://127.0.0.1/file")
    assert not SIMULATOR.allow("http://127.0.0.1:8091/file")
    assert not SIMULATOR.allow("http://localhost:8090/file")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "x",
        "//lookaside.fbsbx.com/x",
        "lookaside.fbsbx.com/x",
        "https:///x",
        "https://",
        "http://lookaside.fbsbx.com/x",
        "ftp://lookaside.fbsbx.com/x",
        "file:///etc/passwd",
        "gopher://lookaside.fbsbx.com/x",
        "data:text/plain,x",
        "https://lookaside.fbsbx.com:8443/x",
        "https://lookaside.fbsbx.com:80/x",
        "https://fbsbx.com/x",
        "https://whatsapp.net/x",
        "https://facebook.com/x",
        "https://evil.graph.facebook.com/x",
        "https://graph.facebook.com.evil.example/x",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://evilfbsbx.com/x",
        "https://evil-whatsapp.net/x",
        "https://lookaside.fbsbx.com./x",
        "https://lookaside.fbsbx.com%2eevil.example/x",
        "https://lookaside.fbsbx.com%00.evil.example/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://lookaside.fbsbx.com:443@evil.example/x",
        "https://user:password@lookaside.fbsbx.com/x",
        "https://user@lookaside.fbsbx.com/x",
        "https://evil.example#.fbsbx.com/x",
        "https://evil.example?.fbsbx.com/x",
        "https://evil.example/.fbsbx.com",
        "https://evil.example\\.fbsbx.com/x",
        "https://evil.example\\@lookaside.fbsbx.com/x",
        "https://evil.example;.fbsbx.com/x",
        "https://evil.example .fbsbx.com/x",
        "https://evil.example\t.fbsbx.com/x",
        "https://evil.example\r\nHost: lookaside.fbsbx.com/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0177.0.0.1/x",
        "https://0.0.0.0/x",
        "https://10.0.0.1/x",
        "https://172.16.0.1/x",
        "https://192.168.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://localhost/x",
        "https://kubernetes.default.svc/x",
        "https://metadata.google.internal/x",
        "https://[::1]/x",
        "https://[::]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:7f00:1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[fe80::1%25eth0]/x",
        "https://[fd00:ec2::254]/x",
        "https://[::1].fbsbx.com/x",
        "https://evil.example:443.fbsbx.com/x",
        "https://lookaside.fbsbx.com:99999/x",
        "https://lookaside.fbsbx.com:-443/x",
        "https://lookaside。fbsbx。com.evil.example/x",
        "https://١٢٧.٠.٠.١/x",
        "https://lookaside.fbsbx.xn--com-9o0a/x",
    ],
)
def test_no_other_url_gets_the_token(url: str) -> None:
    assert not META.allow(url)
    assert not SIMULATOR.allow(url)
