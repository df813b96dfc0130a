"""Photos that could not be read for a reason that may pass are tried again, at growing intervals."""

from pathlib import Path
from typing import Final

FIRST_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 600.0
MOST_TRIES: Final = 12
"""About an hour and a half. A photo that changes meanwhile is new, and begins again."""


class Retries:
    """The photos, and when each is due. Not thread-safe."""

    def __init__(self) -> None:
        self._due: dict[Path, float] = {}
        self._tries: dict[Path, int] = {}
        """How often each photo has failed, of those that were not confirmed or given up."""

    def __len__(self) -> int:
        """Return the number of photos that are tried again later."""
        return len(self._due)

    def add(self, photo: Path, now: float) -> int:
        """Try `photo` again some time after the monotonic time `now`.

        Return how often it has failed; after `MOST_TRIES` it is given up, and 0 is returned.
        """
        tries = self._tries.pop(photo, 0) + 1
        if tries > MOST_TRIES:
            return 0
        self._tries[photo] = tries
        self._due[photo] = now + min(FIRST_SECONDS * 2 ** (tries - 1), LONGEST_SECONDS)
        return tries

    def forget(self, photo: Path) -> None:
        """Forget a photo that could be read, or that is gone."""
        self._tries.pop(photo, None)
        self._due.pop(photo, None)

    def hasten(self, now: float) -> None:
        """Try all photos now: a drive is back."""
        self._due = dict.fromkeys(self._due, now)

    def take(self, now: float) -> list[Path]:
        """Return the photos that are due at the monotonic time `now`."""
        due = [photo for photo, when in self._due.items() if when <= now]
        for photo in due:
            del self._due[photo]
        return due
