"""What the files of the store look like inside, as steps from nothing to now. A step that was once shipped stays."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Schema:
    """One kind of SQLite file of ours."""

    application_id: int
    """In the file's header: whose it is."""
    steps: tuple[str, ...]
    """`steps[n]` leads from version n to n + 1; a new file takes them all."""
    precious: tuple[tuple[str, str], ...] = ()
    """Tables (name, columns) that the user made and no computer can make again: saved from a damaged file."""

    @property
    def version(self) -> int:
        """The version that this app reads and writes."""
        return len(self.steps)


_STORE_1: Final = """
CREATE TABLE file (
    path BLOB NOT NULL PRIMARY KEY,  -- os.fsencode of the absolute path: names need not be text
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,       -- 0: not to be trusted, see Stamp.is_fresh
    content BLOB NOT NULL            -- the quick hash
);
CREATE INDEX file_size ON file (size);
CREATE TABLE model (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE);
CREATE TABLE result (
    content BLOB NOT NULL,
    model INTEGER NOT NULL REFERENCES model (id),
    cat REAL CHECK (cat BETWEEN 0 AND 1),
    dog REAL CHECK (dog BETWEEN 0 AND 1),
    error TEXT,
    damaged INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken TEXT,                      -- ISO 8601, local; NULL: when the file was last changed
    maps BLOB,
    map_rows INTEGER,
    PRIMARY KEY (content, model),
    CHECK ((cat IS NULL) = (dog IS NULL) AND (cat IS NULL) <> (error IS NULL))
) WITHOUT ROWID;
CREATE TABLE correction (
    subject BLOB NOT NULL PRIMARY KEY,  -- a content, or the place of a file that nobody can read
    verdict TEXT NOT NULL
) WITHOUT ROWID;
"""

_STORE_2: Final = """
-- What one version of the app cannot decode, the next one may: an error counts for the version that met it.
ALTER TABLE result ADD COLUMN decoder TEXT NOT NULL DEFAULT '';
"""

STORE: Final = Schema(0x43617444, (_STORE_1, _STORE_2), precious=(("correction", "subject, verdict"),))

_THUMBNAILS_1: Final = """
CREATE TABLE thumbnail (
    content BLOB NOT NULL PRIMARY KEY,
    used INTEGER NOT NULL,           -- larger is later
    bytes INTEGER NOT NULL,
    jpeg BLOB NOT NULL
);
CREATE INDEX thumbnail_used ON thumbnail (used, bytes);
"""

_THUMBNAILS_2: Final = """
-- How much the user lets them take; empty: as the app has it. Here, so that it holds for every process.
CREATE TABLE room (bytes INTEGER NOT NULL CHECK (bytes > 0));
"""

THUMBNAILS: Final = Schema(0x43617454, (_THUMBNAILS_1, _THUMBNAILS_2))
