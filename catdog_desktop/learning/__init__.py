"""Learn from the user's verdicts: similar photos, the learnt head, suspicious verdicts. NumPy only."""
