"""The programme itself: pure and synchronous; knows no web, database, clock or id generator."""
