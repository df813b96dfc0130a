"""What cannot be read says why, in one sentence, and nothing else ever comes out of the decoder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bad_files import BAD_FILES, BadFile, encoded

from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable

# The app itself silences what Pillow finds odd; pytest switches warnings on again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


def make(bad: BadFile, folder: Path) -> Path:
    if bad.posix_only and os.name != "posix":
        pytest.skip("no such file on this system")
    return bad.make(folder)


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_bad_file_says_why(bad: BadFile, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = make(bad, tmp_path)
    with pytest.raises(PhotoError) as caught:
        decode_photo(path, (224, 224))
    assert (caught.value.reason, str(caught.value)) == (bad.reason, bad.sentence)
    assert capfd.readouterr() == ("", ""), "a library talks to the user's terminal"


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_bad_file_says_the_same_when_viewed(bad: BadFile, tmp_path: Path) -> None:
    path = make(bad, tmp_path)
    with pytest.raises(PhotoError) as caught:
        decode_for_view(path, 1000)
    assert (caught.value.reason, str(caught.value)) == (bad.reason, bad.sentence)


def test_table_is_large_enough() -> None:
    assert len({bad.name for bad in BAD_FILES}) >= 25


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX")
def test_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "private.jpg"
    path.write_bytes(encoded("JPEG"))
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o755)
    path.chmod(0)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from catdog_desktop.decoding.decode import decode_photo\n"
        "from catdog_desktop.decoding.errors import PhotoError\n"
        "if os.getuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    decode_photo(Path(sys.argv[1]), (224, 224))\n"
        "except PhotoError as error:\n"
        "    print(error.reason.name, error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"{Unreadable.NOT_ALLOWED.name} may not be read: you have no permission"


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_damage_anywhere_is_a_photo_error_or_a_photo(format_name: str, tmp_path: Path) -> None:
    whole = encoded(format_name, (64, 48))
    path = tmp_path / "broken"
    for position in range(0, len(whole), max(1, len(whole) // 60)):
        for content in (whole[:position], whole[:position] + b"\xff\x00\xff" + whole[position + 3 :]):
            path.write_bytes(content)
            assert _outcome(path) in (Unreadable.DAMAGED, Unreadable.NOT_A_PHOTO, Unreadable.TOO_LARGE, (32, 32, 3))


def _outcome(path: Path) -> Unreadable | tuple[int, ...]:
    try:
        return decode_photo(path, (32, 32)).pixels.shape
    except PhotoError as error:
        return error.reason
