"""One file with everything that is the user's own: corrections, ratings, settings, learnt heads, and models if wanted.

A backup is a zip. Corrections and ratings belong to the content of photos, so they hold on any computer that has the
photos. Results and thumbnails can be made again and are not in it. A backup may come from anywhere: member names and
sizes are checked, each part is validated by the code that reads it elsewhere, and models are tried in the sandbox.
"""

import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from catdog_desktop import __version__
from catdog_desktop.cancellation import CancelToken
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.inference.installed_models import installed_models
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.learning.learnt_file import LearntFileError, learnt_file, learnt_files, read_head, save_head
from catdog_desktop.messages import _, ngettext
from catdog_desktop.model_import.errors import RefusedModelError
from catdog_desktop.model_import.inspection.zip_members import checked_members, copy_member, open_zip
from catdog_desktop.model_import.model_archive import SUFFIX as MODEL_SUFFIX
from catdog_desktop.model_import.model_archive import export_model, open_archive
from catdog_desktop.paths import data_folder, settings_file
from catdog_desktop.settings import load_settings, save_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

SUFFIX: Final = ".catdog-backup"
_FORMAT: Final = 1
_HEAD: Final = "backup.json"
_MARKS: Final = "marks.jsonl"
_SETTINGS: Final = "settings.json"
_LEARNT: Final = "learnt/"
_MODELS: Final = "models/"
_MAX_BYTES: Final = {_HEAD: 2**16, _MARKS: 2**29, _SETTINGS: 2**20, _LEARNT: 2**20, _MODELS: 2**30}
"""Limits of the members, by name or folder. Two million corrections take 150 MB."""


class BackupProblem(Enum):
    """Why a backup was not written or restored."""

    EXISTS = auto()
    NOT_WRITTEN = auto()
    NOT_READ = auto()
    NOT_A_BACKUP = auto()
    NEWER = auto()
    NOT_RESTORED = auto()


class BackupError(Exception):
    """The backup was not written, or not restored as a whole. `str` is a sentence."""

    def __init__(self, problem: BackupProblem, path: Path, detail: object = "") -> None:
        super().__init__(problem, path, str(detail))
        self.problem = problem
        self.path = path
        self.detail = str(detail)

    def __str__(self) -> str:
        return {
            BackupProblem.EXISTS: _("“{path}” exists already. Choose another name."),
            BackupProblem.NOT_WRITTEN: _("“{path}” could not be written ({detail})."),
            BackupProblem.NOT_READ: _("“{path}” could not be read ({detail})."),
            BackupProblem.NOT_A_BACKUP: _("“{path}” is not a backup of CatDog, or it is damaged ({detail})."),
            BackupProblem.NEWER: _("“{path}” was written by a newer CatDog ({detail}). Use that version."),
            BackupProblem.NOT_RESTORED: _("Not everything in “{path}” could be restored ({detail})."),
        }[self.problem].format(path=self.path, detail=self.detail)


@dataclass(frozen=True, slots=True)
class BackupContent:
    """What a backup contains, or what was restored from it."""

    created: datetime
    verdicts: int = 0
    ratings: int = 0
    has_settings: bool = False
    learnt: int = 0
    models: tuple[str, ...] = ()


def describe_content(content: BackupContent) -> str:
    """Return what a backup contains, as a list in words."""
    count = content.verdicts
    parts = [ngettext("{count} verdict", "{count} verdicts", count).format(count=format_number(count))]
    if content.ratings:
        text = ngettext("{count} rating", "{count} ratings", content.ratings)
        parts.append(text.format(count=format_number(content.ratings)))
    if content.has_settings:
        parts.append(_("the settings"))
    if content.learnt:
        parts.append(_("what was learnt"))
    if content.models:
        text = ngettext("{count} model", "{count} models", len(content.models))
        parts.append(text.format(count=format_number(len(content.models))))
    return format_list(parts)


def write_backup(
    path: Path,
    store: Store,
    *,
    with_models: bool = False,
    replace: bool = False,
    cancel_token: CancelToken | None = None,
) -> BackupContent:
    """Write a backup to `path`, whole or not at all.

    Raises `BackupError`, `StoreError`, and `Cancelled` once `cancel_token` is set.
    """
    if not replace and path.exists():
        raise BackupError(BackupProblem.EXISTS, path)
    token = cancel_token or CancelToken()
    created = datetime.now(UTC).replace(microsecond=0)
    verdicts, ratings = store.own_marks()
    heads = learnt_files(data_folder())
    models = (
        [model for model in installed_models() if not model.is_shipped and not model.problem] if with_models else []
    )
    head = {"catdog_backup": _FORMAT, "app": __version__, "created": created.isoformat()}
    try:
        with (
            atomic_write(path, replace=replace, mode=0o600) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr(_HEAD, json.dumps(head, indent=2) + "\n")
            archive.writestr(_MARKS, "".join(_mark_lines(verdicts, ratings)))
            if settings_file().exists():
                archive.writestr(_SETTINGS, settings_file().read_bytes())
            for learnt in heads:
                archive.writestr(_LEARNT + learnt.name, learnt.read_bytes())
            with tempfile.TemporaryDirectory(prefix="catdog-backup-") as folder:
                for model in models:
                    token.raise_if_cancelled()
                    packed = Path(folder, model.name + MODEL_SUFFIX)
                    export_model(model.folder, packed)
                    archive.write(packed, _MODELS + packed.name)
            token.raise_if_cancelled()
    except FileExistsError as error:
        raise BackupError(BackupProblem.EXISTS, path) from error
    except (OSError, ValueError) as error:
        raise BackupError(BackupProblem.NOT_WRITTEN, path, getattr(error, "strerror", None) or error) from error
    except ModelError as error:
        raise BackupError(BackupProblem.NOT_WRITTEN, path, error) from error
    names = tuple(model.name for model in models)
    return BackupContent(created, len(verdicts), len(ratings), settings_file().exists(), len(heads), names)


def read_backup(path: Path) -> BackupContent:
    """Return what the backup at `path` contains. Changes nothing. Raises `BackupError`."""
    with _Backup(path) as backup:
        verdicts, ratings = backup.marks()
        return BackupContent(
            backup.created,
            len(verdicts),
            len(ratings),
            _SETTINGS in backup.names,
            len(backup.below(_LEARNT)),
            tuple(name.removeprefix(_MODELS).removesuffix(MODEL_SUFFIX) for name in backup.below(_MODELS)),
        )


def restore_backup(
    path: Path, store: Store, *, replace: bool = False, cancel_token: CancelToken | None = None
) -> BackupContent:
    """Restore a backup; return what was restored.

    What exists already is kept: own verdicts and ratings of the same photos, settings, learnt heads. With `replace` it
    is replaced. Models are added in any case. Raises `BackupError`, `StoreError` and `Cancelled`; what was restored
    before stays restored, and the call can be repeated.
    """
    token = cancel_token or CancelToken()
    with _Backup(path) as backup, tempfile.TemporaryDirectory(prefix="catdog-restore-") as name:
        folder = Path(name)
        verdicts, ratings = store.add_marks(*backup.marks(), replace=replace)
        restored = []
        try:
            for member in backup.below(_MODELS):
                token.raise_if_cancelled()
                restored.append(open_archive(backup.unpack(member, folder), cancel=token).folder.name)
            learnt = sum(_restore_head(backup.unpack(member, folder), replace) for member in backup.below(_LEARNT))
            has_settings = _SETTINGS in backup.names and _restore_settings(backup.unpack(_SETTINGS, folder), replace)
        except (OSError, ModelError, LearntFileError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BackupError(BackupProblem.NOT_RESTORED, path, reason) from error
        return BackupContent(backup.created, verdicts, ratings, has_settings, learnt, tuple(restored))


class _Backup:
    """A backup that is open for reading. Methods raise `BackupError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = contextlib.ExitStack()
        try:
            self._archive = self._opened.enter_context(open_zip(path))
            self._members = {info.filename: info for info in checked_members(self._archive, path.name)}
        except OSError as error:
            self._opened.close()
            raise BackupError(BackupProblem.NOT_READ, path, error.strerror or error) from error
        except RefusedModelError as error:
            self._opened.close()
            raise BackupError(BackupProblem.NOT_A_BACKUP, path, error.what) from error
        self.names = set(self._members)
        self.created = datetime.now(UTC)

    def __enter__(self) -> "_Backup":
        try:
            self.created = self._check_head()
        except BaseException:
            self._opened.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def below(self, folder: str) -> list[str]:
        """Return the names of the members in `folder`, sorted."""
        return sorted(name for name in self.names if name.startswith(folder) and name.count("/") == 1)

    def marks(self) -> tuple[dict[bytes, Verdict], dict[bytes, int]]:
        """Return the verdicts and ratings by key. Raises `BackupError` if a line is invalid."""
        verdicts: dict[bytes, Verdict] = {}
        ratings: dict[bytes, int] = {}
        try:
            for line in self._read(_MARKS).decode("ascii").splitlines():
                mark = json.loads(line)
                key = bytes.fromhex(mark["photo"])
                if "verdict" in mark:
                    verdicts[key] = Verdict(mark["verdict"])
                if "rating" in mark:
                    ratings[key] = _checked_rating(mark["rating"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BackupError(BackupProblem.NOT_A_BACKUP, self._path, f"{_MARKS}: {error}") from error
        return verdicts, ratings

    def unpack(self, name: str, folder: Path) -> Path:
        """Write a member to a new file in `folder`, and return its path."""
        target = folder / Path(name).name
        target.write_bytes(self._read(name))
        return target

    def _check_head(self) -> datetime:
        try:
            head = json.loads(self._read(_HEAD))
            if head["catdog_backup"] > _FORMAT:
                raise BackupError(BackupProblem.NEWER, self._path, head["app"])
            return datetime.fromisoformat(head["created"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BackupError(BackupProblem.NOT_A_BACKUP, self._path, f"{_HEAD}: {error}") from error

    def _read(self, name: str) -> bytes:
        folder, separator, _rest = name.partition("/")
        limit = _MAX_BYTES.get(folder + separator, 0)
        info = self._members.get(name)
        if info is None or info.file_size > limit:
            raise BackupError(BackupProblem.NOT_A_BACKUP, self._path, name)
        content = io.BytesIO()
        try:
            copy_member(self._archive, info, content, self._path.name)
        except RefusedModelError as error:
            raise BackupError(BackupProblem.NOT_A_BACKUP, self._path, error.what) from error
        except OSError as error:
            raise BackupError(BackupProblem.NOT_READ, self._path, error.strerror or error) from error
        return content.getvalue()


def _mark_lines(verdicts: dict[bytes, Verdict], ratings: dict[bytes, int]) -> Iterator[str]:
    for key in sorted(verdicts.keys() | ratings.keys()):
        mark: dict[str, Any] = {"photo": key.hex()}
        if key in verdicts:
            mark["verdict"] = verdicts[key].value
        if key in ratings:
            mark["rating"] = ratings[key]
        yield json.dumps(mark) + "\n"


def _checked_rating(rating: object) -> int:
    if type(rating) is not int or not 1 <= rating <= 5:
        raise ValueError(f"{rating!r} is not a rating")
    return rating


def _restore_head(path: Path, replace: bool) -> bool:
    learnt = read_head(path)
    if learnt_file(learnt.model_key).exists() and not replace:
        return False
    save_head(learnt)
    return True


def _restore_settings(path: Path, replace: bool) -> bool:
    if settings_file().exists() and not replace:
        return False
    settings, warning = load_settings(path)
    if warning is not None:
        raise OSError(0, warning)
    save_settings(settings_file(), settings)
    return True
