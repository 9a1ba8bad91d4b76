"""Announcements of a release in a job's summary and in a chat: what is sent, and what
failures say.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from topheavy.publish import notify as module
from topheavy.publish.notify import format_for, notify, slack, teams
from topheavy.publish.release_summary import Message

MESSAGE = Message(
    "shop: 1 finding <!channel>",
    (("", ("2024",)), ("Register", ("Customer <@U1> & *co*", "[x](http://evil.example)"))),
)


class Server(http.server.HTTPServer):
    """A chat server on this machine that keeps each message and gives the answer that a
    test chose.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[str, str, Any]] = []
        self.answer = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/secret-key"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = str(self.headers["Content-Type"])
        self.server.received.append((self.path, kind, json.loads(body)))
        self.send_response(self.server.answer)
        if self.server.answer in (302, 307):
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.received.append((self.path, "", None))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the log of the server out of the output of the tests."""


@pytest.fixture
def chat() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("form", ["slack", "teams"])
def test_a_message_arrives_in_the_form_of_the_chat(chat: Server, form: str) -> None:
    environment = {"TOPHEAVY_WEBHOOK": chat.address, "TOPHEAVY_WEBHOOK_FORMAT": form}
    assert notify("page", MESSAGE, environment) == []
    ((path, kind, payload),) = chat.received
    assert (path, kind) == ("/services/secret-key", "application/json; charset=utf-8")
    assert payload == (slack if form == "slack" else teams)(MESSAGE)


def test_slack_gets_plain_text_in_which_nobody_is_mentioned() -> None:
    payload = slack(MESSAGE)
    assert payload["text"] == "shop: 1 finding &lt;!channel&gt;"
    assert [block["type"] for block in payload["blocks"]] == ["header", "section", "section"]
    assert {block["text"]["type"] for block in payload["blocks"]} == {"plain_text"}
    assert payload["blocks"][2]["text"]["text"] == (
        "Register\n• Customer <@U1> & *co*\n• [x](http://evil.example)"
    )


def test_slack_takes_no_more_than_its_limits() -> None:
    payload = slack(Message("t" * 500, (("Rows", ("r" * 9_000,)),)))
    header, section = (block["text"]["text"] for block in payload["blocks"])
    assert (len(header), len(section)) == (150, 3_000) and header.endswith("…")


def test_teams_gets_a_card_of_runs_of_text() -> None:
    payload = teams(MESSAGE)
    (attachment,) = payload["attachments"]
    assert payload["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    # Unlike a TextBlock, a text run does not interpret Markdown.
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert [run["text"] for block in card["body"] for run in block["inlines"]] == [
        "shop: 1 finding <!channel>",
        "2024",
        "Register",
        "• Customer <@U1> & *co*",
        "• [x](http://evil.example)",
    ]


def test_the_host_determines_the_format() -> None:
    assert format_for("hooks.slack.com", "") == "slack"
    assert format_for("shop.webhook.office.com", "") == "teams"
    assert format_for("prod-1.westeurope.logic.azure.com", "") == "teams"
    assert format_for("chat.example.org", "") == "slack"
    assert format_for("evil-webhook.office.com.example.org", "") == "slack"
    assert format_for("hooks.slack.com", "teams") == "teams"


@pytest.mark.parametrize("answer", [302, 307, 404, 500])
def test_a_refused_message_is_a_warning_without_the_secret(chat: Server, answer: int) -> None:
    chat.answer = answer
    (warning,) = notify("page", MESSAGE, {"TOPHEAVY_WEBHOOK": chat.address})
    assert warning == (
        f"TOPHEAVY_WEBHOOK: 127.0.0.1 answered {answer}; check the address and the format"
    )
    assert len(chat.received) == 1  # nothing is sent to the target of the redirect


def test_a_chat_that_is_not_there_is_a_warning() -> None:
    with Server() as server:
        address = server.address
    (warning,) = notify("page", MESSAGE, {"TOPHEAVY_WEBHOOK": address})
    assert warning == "TOPHEAVY_WEBHOOK: 127.0.0.1 cannot be reached: Connection refused"


def test_a_chat_that_does_not_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch, chat: Server
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)
    chat.shutdown()  # it accepts connections but never answers
    (warning,) = notify("page", MESSAGE, {"TOPHEAVY_WEBHOOK": chat.address})
    assert "127.0.0.1 cannot be reached: no answer within 0.05 seconds" in warning


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "hooks.slack.com/x", "http://[x", "https:"],
)
def test_an_invalid_address_is_reported_but_not_shown(address: str) -> None:
    (warning,) = notify("page", MESSAGE, {"TOPHEAVY_WEBHOOK": address})
    assert warning == "TOPHEAVY_WEBHOOK: must be an address that begins with https:// or http://"


def test_an_unknown_form_is_named(chat: Server) -> None:
    environment = {"TOPHEAVY_WEBHOOK": chat.address, "TOPHEAVY_WEBHOOK_FORMAT": "irc"}
    assert notify("page", MESSAGE, environment) == [
        "TOPHEAVY_WEBHOOK_FORMAT: must be slack or teams, not 'irc'"
    ]
    assert chat.received == []


def test_the_page_is_appended_to_the_summary_of_the_job(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("before\n", encoding="utf-8")
    assert notify("# page\n", MESSAGE, {"GITHUB_STEP_SUMMARY": str(file)}) == []
    assert file.read_text(encoding="utf-8") == "before\n# page\n\n"
    (warning,) = notify("", MESSAGE, {"GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "file")})
    assert warning.startswith("GITHUB_STEP_SUMMARY: cannot write to ")


def test_a_build_that_changed_nothing_appears_only_on_the_page_of_the_job(
    chat: Server, tmp_path: Path
) -> None:
    file = tmp_path / "summary"
    settings = {"GITHUB_STEP_SUMMARY": str(file), "TOPHEAVY_WEBHOOK": chat.address}
    assert notify("# page\n", None, settings) == []
    assert (file.read_text(encoding="utf-8"), chat.received) == ("# page\n\n", [])


def test_without_settings_nothing_is_sent() -> None:
    assert notify("page", MESSAGE, {}) == []
