"""The scorecard as a spreadsheet: the template that is filled in, and how it is read again."""
