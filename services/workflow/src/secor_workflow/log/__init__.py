"""The append-only log on disk: what an event looks like, how it is appended, how it is read."""
