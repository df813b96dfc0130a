"""Sort photos into folders by verdict: plan, journal, copy or move, resume, undo."""
