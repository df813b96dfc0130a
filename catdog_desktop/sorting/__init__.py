"""Photos into folders by verdict: plan, journal, copy or move, finish, undo."""
