"""Learning in the window: similar photos, the offer to learn, the page that shows what would change."""
