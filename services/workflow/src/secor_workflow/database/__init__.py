"""The database beneath the rooms that keep something: tables, engines, and what the two dialects do differently."""
