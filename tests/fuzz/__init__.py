"""Whatever bytes a reader is given, it reads them or refuses them in its own words; nothing else may come out of it."""
