"""The window of the full bundle imports a Keras model by shortcut, on an X server."""

import subprocess
from pathlib import Path

import pytest
from frozen import FrozenApp
from on_screen import grab, mapped_windows, press, shows_a_picture, wait_for, write

IMPORT_SECONDS = 300


def test_import_by_keyboard_gives_scores_of_keras(
    full_app: FrozenApp, models: dict[str, tuple[Path, float]], cat: Path, screen: str, tmp_path: Path
) -> None:
    path, dog = models["old.h5"]
    window = subprocess.Popen(
        [full_app.window],
        env=full_app.environment(DISPLAY=screen),
        cwd=full_app.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: mapped_windows(screen), "the window is there")
        # The window accepts the shortcut only once its menus exist.
        wait_for(lambda: asked_for_a_file(screen), "it asks for a file")
        picker = mapped_windows(screen, "Import a model")[-1]
        write(screen, picker, str(path))
        press(screen, picker, "Return")
        # The page with the questions shows photos. The page before it shows only a progress bar.
        wait_for(lambda: shows_a_picture(screen, colours=8_000), "the model is converted and tried", IMPORT_SECONDS)
        press(screen, mapped_windows(screen, "Import a model")[-1], "Return")
        kept = full_app.home / "own" / "data" / "models" / "old" / "model.json"
        wait_for(kept.exists, "the model is kept")
    finally:
        grab(screen).save(tmp_path / "window.png")
        window.terminate()
        window.wait(timeout=30)
    assert full_app.scores(cat, "--model", "old")["dog"] == pytest.approx(dog, abs=1e-3)


def asked_for_a_file(screen: str) -> bool:
    """Press the shortcut unless the file dialog is open; return whether it is open."""
    if not mapped_windows(screen, "Import a model"):
        press(screen, mapped_windows(screen)[0], "ctrl+i")
    return bool(mapped_windows(screen, "Import a model"))
