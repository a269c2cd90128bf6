"""The other service, as far as its HTTP contract goes: its feed, its cases and people, and whom a key belongs to."""

from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient, WorkflowRefusalError
from secor_notifier.workflow.feed import CursorGoneError, Feed, FeedPage
from secor_notifier.workflow.identity import Caller, Identity, Unknown
from secor_notifier.workflow.reads import GoneError, NotThereError, Person, Reads
from secor_notifier.workflow.vocabulary import Vocabulary

__all__ = [
    "Caller",
    "CursorGoneError",
    "Feed",
    "FeedPage",
    "GoneError",
    "Identity",
    "NotThereError",
    "Person",
    "Reads",
    "Unknown",
    "Vocabulary",
    "WorkflowAwayError",
    "WorkflowClient",
    "WorkflowRefusalError",
]
