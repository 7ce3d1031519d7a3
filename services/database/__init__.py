"""The database: the embedded PostgreSQL or a real one, its migrations, connections and the master key."""
