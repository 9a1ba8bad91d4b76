"""Start a fresh Superset that shows a bundle, on this machine only, until Ctrl-C.

write_superset.py starts it in Superset's environment, which does not contain this project. Its data
are in a temporary folder that is removed at the end. The address that it prints contains a token
that is new at each start and signs in whoever opens it; nobody else can sign in.

Usage:
    .venv-superset/bin/python -P open_superset.py warehouse/NAME/superset.zip [PORT]
"""

from __future__ import annotations

import hmac
import io
import logging
import os
import secrets
import signal
import socket
import sys
import tempfile
import warnings
import webbrowser
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).resolve().with_name("superset_config.py")
ADMIN = "admin"
DASHBOARD = "/superset/dashboard/topheavy/"


def fresh_superset(folder: Path, bundle: Path) -> Any:
    """Create a Superset that contains only the bundle and writes everything into `folder`."""
    os.environ["SUPERSET_HOME"] = str(folder)
    os.environ["SUPERSET_CONFIG_PATH"] = str(CONFIG)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from flask import g
        from flask_migrate import upgrade
        from superset import appbuilder, security_manager
        from superset.commands.dashboard.importers.dispatcher import ImportDashboardsCommand
        from superset.commands.importers.v1.utils import get_contents_from_bundle

        with redirect_stdout(io.StringIO()):
            upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        role = security_manager.find_role("Admin")
        password = secrets.token_urlsafe(24)
        g.user = security_manager.add_user(ADMIN, ADMIN, ADMIN, ADMIN, role, password)
        with zipfile.ZipFile(bundle) as packed:
            contents = get_contents_from_bundle(packed)
        ImportDashboardsCommand(contents, overwrite=True).run()
    return app


def let_in(app: Any, token: str) -> None:
    """Log in a visitor whose request carries the token."""
    from flask import redirect, request
    from flask_login import login_user
    from superset import security_manager

    def enter() -> Any:
        given = request.args.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return None
        login_user(security_manager.find_user(ADMIN))
        return redirect(request.path)

    app.before_request(enter)


def serve(app: Any, port: int) -> None:
    """Serve at 127.0.0.1 until interrupted."""
    from werkzeug.serving import make_server

    token = secrets.token_urlsafe(24)
    with app.app_context():
        let_in(app, token)
    server = make_server("127.0.0.1", port, app, threaded=True)
    address = f"http://127.0.0.1:{server.port}{DASHBOARD}?token={token}"
    print(f"superset: open {address}\nsuperset: Ctrl-C ends it", flush=True)
    if sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ}:
        webbrowser.open(address)
    with server:
        server.serve_forever()


def refuse_taken(port: int) -> None:
    """Raise OSError if the port is in use, before the minute that starting takes."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", port))


def main() -> int:
    bundle = Path(sys.argv[1])
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8088
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        refuse_taken(port)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", "") or error
        print(f"superset failed: port {port}: {why}; name another: PORT=8089", file=sys.stderr)
        return 1
    try:
        print("superset: creating its database, which takes a minute", flush=True)
        with tempfile.TemporaryDirectory(prefix="superset-") as folder:
            serve(fresh_superset(Path(folder), bundle), port)
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
