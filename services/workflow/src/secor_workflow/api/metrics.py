"""What the service counts."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("secor_workflow_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "secor_workflow_request_seconds",
    "Time to answer.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
LISTENERS = Gauge("secor_workflow_live_clients", "Clients that listen to the live feed of this process.")
HEAD = Gauge("secor_workflow_head_position", "The last position of the log.")
