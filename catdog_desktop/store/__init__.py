"""What is remembered of photos, in an SQLite file that never keeps the app from starting."""
