"""What the notifier remembers: how far it has read, what it watches, and every reminder it has decided."""

from secor_notifier.ledger.ledger import Ledger
from secor_notifier.ledger.rows import Bookmark, Page, Reminder, Status, Taken

__all__ = ["Bookmark", "Ledger", "Page", "Reminder", "Status", "Taken"]
