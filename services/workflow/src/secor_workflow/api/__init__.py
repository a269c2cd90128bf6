"""HTTP, and nothing but: routes, credentials, problems, and what answers look like."""
