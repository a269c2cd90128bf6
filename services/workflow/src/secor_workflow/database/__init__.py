"""The database beneath the rooms that keep something: tables, engines, and all that SQLite and PostgreSQL do differently."""
