"""Asks the service of this image whether it is ready; its exit code is the image's health check.

It is run every few seconds, so it asks with what is there at once and leaves the HTTP library alone.
"""

import os
import socket
import sys

service = os.environ["SECOR_SERVICE"]
port = os.environ.get(f"{service.upper()}_PORT") or {"workflow": "8000", "notifier": "8001"}[service]
try:
    with socket.create_connection(("127.0.0.1", int(port)), timeout=3) as asked:
        asked.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = asked.recv(64)
except OSError as error:
    sys.exit(f"{service} at port {port}: {error}")
sys.exit(0 if b" 200 " in answer else f"{service} is not ready: {answer[:15].decode('ascii', 'replace')}")
