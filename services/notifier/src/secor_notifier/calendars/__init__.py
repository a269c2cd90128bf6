"""Deadlines as calendars to subscribe to: private addresses that a calendar program reads again and again."""
