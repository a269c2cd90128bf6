"""What the notifier remembers: how far it has read, what it watches, every reminder, and what people asked of it."""

from secor_notifier.ledger.ledger import Ledger
from secor_notifier.ledger.outbox import Outbox
from secor_notifier.ledger.rows import Bookmark, Delivery, Page, Reminder, Status, Taken, Template
from secor_notifier.ledger.wishes import Wishes

__all__ = ["Bookmark", "Delivery", "Ledger", "Outbox", "Page", "Reminder", "Status", "Taken", "Template", "Wishes"]
