"""Languages of the app: which there are, which one is used, and how it writes numbers, dates and lists."""
