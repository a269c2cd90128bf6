-- A database for each service, with roles that can do no more than they must; PostgreSQL's image runs this at its first start.
-- `workflow_owner` makes and changes the workflow's tables (`secor-workflow migrate --grant-to workflow`); `workflow`
-- serves, and may append to the log; `notifier` owns its own database. None of them is a superuser.
\set owner_password `cat /run/secrets/workflow_owner_password`
\set workflow_password `cat /run/secrets/workflow_password`
\set notifier_password `cat /run/secrets/notifier_password`

CREATE ROLE workflow LOGIN PASSWORD :'workflow_password';
CREATE ROLE workflow_owner LOGIN PASSWORD :'owner_password' IN ROLE workflow; -- so that it may hand over what `workflow` owns
CREATE ROLE notifier LOGIN PASSWORD :'notifier_password';

CREATE DATABASE workflow OWNER workflow_owner;
REVOKE ALL ON DATABASE workflow FROM PUBLIC;
GRANT CONNECT ON DATABASE workflow TO workflow;

CREATE DATABASE notifier OWNER notifier;
REVOKE ALL ON DATABASE notifier FROM PUBLIC;
