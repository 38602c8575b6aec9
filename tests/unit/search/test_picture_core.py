"""Pictures: which bytes are one, and which addresses this site has signed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.core.image_kinds import sniff_picture
from services.search.core.picture_paths import build_picture_path, read_picture_path
from services.search.picture_mirror import read_mirrored

KEY = b"k" * 32
URL = "https://pictures.example/ä b.jpg?w=1"
AVIF = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00miafavif"


def parts(path):
    return path.removeprefix("/images/").split("/")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0 JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1", "image/avif"),
        (AVIF, "image/avif"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42isom", None),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', None),
        (b"<html><script>", None),
        (b"%PDF-1.7", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_how_it_begins(content, kind):
    assert sniff_picture(content) == kind


@given(st.binary(max_size=300))
def test_no_bytes_break_the_look_at_them(content):
    assert sniff_picture(content) in (None, "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif")


@given(st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_a_path_names_its_address_and_nothing_but_letters_of_addresses(url):
    path = build_picture_path(KEY, url)

    assert read_picture_path(KEY, *parts(path)) == url
    assert path.removeprefix("/images/").replace("/", "").replace("-", "").replace("_", "").isalnum()


def test_an_address_that_was_not_signed_here_is_not_read():
    signature, address = parts(build_picture_path(KEY, URL))
    _, other = parts(build_picture_path(KEY, "http://169.254.169.254/"))

    assert read_picture_path(KEY, signature, other) is None
    assert read_picture_path(b"x" * 32, signature, address) is None
    assert read_picture_path(KEY, "", address) is None
    assert read_picture_path(KEY, "ä", address) is None
    assert read_picture_path(KEY, signature, "%%%") is None
    assert read_picture_path(KEY, signature, "_w") is None


def test_a_mirror_has_pictures_by_host_and_path_and_nothing_of_other_folders(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "mirror" / "pictures.example" / "2026"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"picture")
    mirror = tmp_path / "mirror"

    assert read_mirrored(mirror, "https://pictures.example/2026/a.jpg", 100) == b"picture"
    assert read_mirrored(mirror, "https://pictures.example/2026/a.jpg", 6) is None
    for url in ("2026/b.jpg", "2026", "2026/a.jpg?w=1", "../../secret", "..%2f..%2fsecret", "2026//a.jpg", ""):
        assert read_mirrored(mirror, f"https://pictures.example/{url}", 100) is None
    assert read_mirrored(mirror, "https://../secret", 100) is None
