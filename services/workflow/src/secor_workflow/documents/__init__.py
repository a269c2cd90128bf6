"""The room of documents: their bytes, what they are, whether they are clean, and how long they are kept."""
