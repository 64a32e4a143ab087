"""`python -m infra.local.carrier`: the simulated carrier on 127.0.0.1, configured by the environment."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from werkzeug.serving import make_server

from .app import create_app
from .carrier import open_carrier
from .model import Settings

NEEDED = (
    "CARRIER_PORT", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_VOICE_FROM",
    "CALLS_WEBHOOK_SECRET", "DATA",
)  # fmt: skip


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings, or SystemExit that names every variable that is missing."""
    missing = [name for name in NEEDED if not env.get(name)]
    if missing:
        raise SystemExit(f"carrier: set {', '.join(missing)}")
    return Settings(
        public_url=env["PUBLIC_URL"].rstrip("/"),
        account_sid=env["TWILIO_ACCOUNT_SID"],
        auth_token=env["TWILIO_AUTH_TOKEN"].split()[0],
        sender=env["TWILIO_FROM"],
        voice_number=env["TWILIO_VOICE_FROM"],
        webhook_secret=env["CALLS_WEBHOOK_SECRET"],
    )


def main() -> int:
    """Serve until told to stop; then finish what is running and write everything down."""
    settings = read_settings(os.environ)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # requests are in /phones/api/log
    carrier = open_carrier(settings, Path(os.environ["DATA"]))
    server = make_server("127.0.0.1", int(os.environ["CARRIER_PORT"]), create_app(carrier), threaded=True)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"carrier: handsets on http://127.0.0.1:{server.server_port}/phones", flush=True)
    server.serve_forever()
    carrier.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
