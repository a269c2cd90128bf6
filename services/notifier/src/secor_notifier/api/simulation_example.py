"""Rules as short as rules can be, for the document's example: all tables, one ladder and one letter on an event."""

RULES = """[sending]
stale_after_days = 60
pauses_minutes = [1, 5, 15, 60, 240]
give_up_after_hours = 72
package = "attach"
attach_at_most_bytes = 7000000

[letters]
nudges = ["deadline_reminder", "deadline_overdue", "staff_digest"]
together = "several_dates"

[good_hours]
calendar = "bc-interpretation-act"
opens = 08:00:00
closes = 18:00:00

[digest]
letter = "staff_digest"
at = 07:30:00
calendar = "go2hr-office"
due_within_days = 7

[programme]
recertification_days = 60
manual_url = "https://www.example.com/manual"
training_url = "https://www.example.com/training"
audit_guide_url = "https://www.example.com/guide"

[any_other_deadline]
source = "own"
rungs = [{ days = [-7, -1], to = ["owner"], letter = "deadline_reminder" }]

[deadlines.audit_submission]
source = "own"
rungs = [
  { days = [-21, -7], to = ["employer"], letter = "deadline_reminder" },
  { days = [1], to = ["employer", "staff"], letter = "deadline_missed" },
]

[[events.EmployerRegistered]]
letter = "welcome"
to = ["contact"]
at_once = true
source = "own"
"""
