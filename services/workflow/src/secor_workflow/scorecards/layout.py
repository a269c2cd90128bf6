"""Where everything stands on the sheet: what the template writes and the reading looks for."""

SHEET = "Scorecard"
TOOL_CELL, POLICY_CELL = "B3", "B4"
ELEMENT_MARK_CELL, OVERALL_MARK_CELL = "B5", "B6"
HEADINGS = ("Code", "Element", "Points earned", "Points available", "Percent", "Reaches the mark")
HEADING_ROW = 8
FIRST_ROW = HEADING_ROW + 1
"""The first element's row, as people count them."""

COLUMNS = CODE, TITLE, EARNED, AVAILABLE, PERCENT, REACHES = ("A", "B", "C", "D", "E", "F")
"""In the order of the headings."""

READ = (CODE, TITLE, EARNED, AVAILABLE)
"""The columns that are read; what stands in the others is worked out anew."""

TOTAL = "Total"
"""In the code's column it ends the table; what stands below is the reader's own."""
