-- One database for each service; PostgreSQL's image runs this on first start.
CREATE DATABASE workflow;
CREATE DATABASE notifier;
