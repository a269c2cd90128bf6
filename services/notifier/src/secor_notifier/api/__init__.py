"""The notifier over HTTP: its reminders, its letters, its health, and in a sandbox its clock."""
