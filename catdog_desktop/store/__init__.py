"""The store: results, corrections, features and thumbnails of photos in SQLite files."""
