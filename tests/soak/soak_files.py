"""Files that appear, grow, move and disappear in watched folders, and how often each must be classified."""

import contextlib
import io
import os
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

FORMATS = (("jpg", "JPEG"), ("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF"))
MOST_FILES = 60
"""So many files exist at a time: what a watch knows of them must not grow."""
_STEPS_OF_EMPTY_FOLDER = 40
"""So many steps after its last photo a folder is deleted: by then the window has taken the photo off its list."""
_PAST, _FUTURE = 978_307_200, 2_208_988_800
"""2001 and 2040."""


@dataclass
class _Slow:
    """A file that is being written."""

    path: Path
    rest: bytes
    is_abandoned: bool


class Files:
    """Changes files at random. A file is changed only after it was classified, so that the number is certain."""

    def __init__(self, roots: list[Path], seed: int) -> None:
        self.roots = roots
        self.expected: Counter[str] = Counter()
        """How often each path must be classified."""
        self.reported: Counter[str] = Counter()
        self.actions: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._number = 0
        self._present: list[Path] = []
        self._slow: list[_Slow] = []
        self._cut: list[Path] = []
        """Files that a full disk has cut. They are written again."""
        self._emptied: dict[Path, int] = {}
        """Folders with deleted photos, and when they are deleted if they are empty then."""
        self._steps = 0
        self._not_now: set[Path] = set()
        """Roots that are away."""

    @property
    def outstanding(self) -> int:
        """How many classifications are still to come."""
        return (self.expected - self.reported).total()

    @property
    def wrong(self) -> dict[str, tuple[int, int]]:
        """Paths with another number of classifications than expected: expected and reported."""
        every = self.expected.keys() | self.reported.keys()
        return {
            path: (self.expected[path], self.reported[path])
            for path in every
            if self.expected[path] != self.reported[path]
        }

    def put(self, path: Path, content: bytes | None = None) -> None:
        """Write a whole photo, which must be classified."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.photo(path.suffix[1:]) if content is None else content)
        except OSError:
            self._cut.append(path)
            raise
        self._arrive(path)

    def photo(self, suffix: str) -> bytes:
        """Return a small photo with a content of its own."""
        noise = Image.frombytes("RGB", (8, 6), self._chance.randbytes(8 * 6 * 3)).resize((160, 120))
        buffer = io.BytesIO()
        noise.save(buffer, dict(FORMATS)[suffix])
        return buffer.getvalue()

    def new_path(self) -> Path:
        self._number += 1
        roots = [root for root in self.roots if root not in self._not_now]
        folder = self._chance.choice(roots) / self._chance.choice(("", "sub", "sub/deep", f"day {self._number // 40}"))
        return folder / f"{self._number:05}.{self._chance.choice(FORMATS)[0]}"

    def settled_below(self, root: Path) -> bool:
        """Whether no file of a root is being written or waited for."""
        open_paths = [slow.path for slow in self._slow] + [Path(path) for path in self.expected - self.reported]
        return not any(path.is_relative_to(root) for path in open_paths)

    def leave_alone(self, root: Path, *, away: bool) -> None:
        """Change nothing in a root while it is away."""
        (self._not_now.add if away else self._not_now.discard)(root)

    def step(self) -> None:
        """Do one thing at random."""
        self._steps += 1
        self._remove_empty_folders()
        if self._slow and self._chance.random() < 0.5:
            self._go_on()
        if self._cut and self._chance.random() < 0.3:
            self.put(self._cut.pop(0))
        choices = [self._whole] * 6 + [self._partial_name] * 2 + [self._begin_slow] * 2 + [self._rename] * 2
        choices += [self._rewrite, self._folder, self._odd_time]
        action = self._delete if len(self._present) > MOST_FILES else self._chance.choice(choices)
        action()
        self.actions[action.__name__.strip("_")] += 1

    def finish(self) -> None:
        """Complete what was begun."""
        while self._slow:
            self._go_on()
        while self._cut:
            self.put(self._cut.pop())

    def _arrive(self, path: Path) -> None:
        self.expected[str(path)] += 1
        if path not in self._present:
            self._present.append(path)

    def _old(self) -> Path | None:
        """Return a file that was classified as often as it must be."""
        settled = [
            path
            for path in self._present
            if self.expected[str(path)] == self.reported[str(path)]
            and not any(path.is_relative_to(root) for root in self._not_now)
        ]
        return self._chance.choice(settled) if settled else None

    def _whole(self) -> None:
        self.put(self.new_path())

    def _partial_name(self) -> None:
        path = self.new_path()
        partial = path.with_name(f"{path.name}.part")
        partial.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(self.photo(path.suffix[1:]))
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        partial.rename(path)
        self._arrive(path)

    def _begin_slow(self) -> None:
        path, content = self.new_path(), self.photo("jpg")
        path = path.with_suffix(".jpg")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[: len(content) // 3])
        except OSError:
            self._cut.append(path)
            raise
        self._slow.append(_Slow(path, content[len(content) // 3 :], self._chance.random() < 0.2))

    def _go_on(self) -> None:
        slow = self._slow[0]
        if any(slow.path.is_relative_to(root) for root in self._not_now):
            return
        if slow.is_abandoned:
            slow.path.unlink()
            self._slow.pop(0)
            return
        count = len(slow.rest) // 2 if len(slow.rest) > 200 else len(slow.rest)
        with slow.path.open("ab", buffering=0) as file:
            written = file.write(slow.rest[:count])
        slow.rest = slow.rest[written:]
        if not slow.rest:
            self._slow.pop(0)
            self._arrive(slow.path)

    def _rename(self) -> None:
        old = self._old()
        if old is not None:
            new = self.new_path().with_suffix(old.suffix)
            new.parent.mkdir(parents=True, exist_ok=True)
            if new.parent.stat().st_dev == old.parent.stat().st_dev:
                old.rename(new)
                self._leave(old)
                self._arrive(new)

    def _rewrite(self) -> None:
        old = self._old()
        if old is not None:
            old.write_bytes(self.photo(old.suffix[1:]))
            self._arrive(old)

    def _folder(self) -> None:
        path = self.new_path()
        root = next(root for root in self.roots if path.is_relative_to(root))
        outside = root.with_name(f"outside {self._number}")
        outside.mkdir()
        names = [f"{number}.jpg" for number in range(3)]
        for name in names:
            (outside / name).write_bytes(self.photo("jpg"))
        inside = root / f"trip {self._number}"
        if outside.stat().st_dev != root.stat().st_dev:
            for name in names:
                self.put(inside / name, (outside / name).read_bytes())
            return
        outside.rename(inside)
        for name in names:
            self._arrive(inside / name)

    def _odd_time(self) -> None:
        path = self.new_path()
        self.put(path)
        when = self._chance.choice((_PAST, _FUTURE))
        os.utime(path, (when, when))

    def _delete(self) -> None:
        for _ in range(3):
            old = self._old()
            if old is not None:
                old.unlink()
                self._leave(old)
                if old.parent not in self.roots:
                    self._emptied.setdefault(old.parent, self._steps + _STEPS_OF_EMPTY_FOLDER)

    def _remove_empty_folders(self) -> None:
        for folder in [folder for folder, step in self._emptied.items() if step <= self._steps]:
            if not any(folder.is_relative_to(root) for root in self._not_now):
                del self._emptied[folder]
                with contextlib.suppress(OSError):  # Not empty.
                    folder.rmdir()

    def _leave(self, path: Path) -> None:
        self._present.remove(path)
