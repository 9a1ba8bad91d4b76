"""Announce a release in the job summary on GitHub and in a chat.

`GITHUB_STEP_SUMMARY` is the file that GitHub shows on a job's page. `TOPHEAVY_WEBHOOK` is an
address that accepts messages in the format of Slack or Teams; its host identifies the format,
unless `TOPHEAVY_WEBHOOK_FORMAT` sets it. Every failure becomes a warning, because the build does
not depend on messages. The address is a secret, so only its host is ever shown.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from topheavy.publish.release_summary import Message

SECONDS = 10
# Slack's maximum number of letters in a header and in a block of text.
SLACK_HEADER, SLACK_TEXT = 150, 3_000
TEAMS_HOSTS = (
    ".webhook.office.com",
    ".logic.azure.com",
    ".powerplatform.com",
    ".powerautomate.com",
)


def notify(page: str, message: Message | None, environment: Mapping[str, str]) -> list[str]:
    """Announce a build wherever the environment says; return the failures, one line each.

    There is no message about a build that changed nothing.
    """
    failed = [add_to_job(page, environment.get("GITHUB_STEP_SUMMARY", ""))]
    if message:
        address = environment.get("TOPHEAVY_WEBHOOK", "").strip()
        form = environment.get("TOPHEAVY_WEBHOOK_FORMAT", "").strip().lower()
        failed.append(post(message, address, form))
    return [it for it in failed if it]


def add_to_job(page: str, file: str) -> str:
    """Append the page to the job's summary; return the reason if that failed."""
    if not file:
        return ""
    try:
        with Path(file).open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(page + "\n")
    except OSError as error:
        return f"GITHUB_STEP_SUMMARY: cannot write to {file}: {error.strerror or error}"
    return ""


# ---- the forms of a message ------------------------------------------------------------------


def slack(message: Message) -> dict[str, Any]:
    """Return blocks of plain text in which no name can mention or link anybody."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain_text(message.title, SLACK_HEADER)}
    ]
    for name, lines in message.parts:
        text = "\n".join(
            ([name] if name else []) + [f"• {line}" if name else line for line in lines]
        )
        blocks.append({"type": "section", "text": plain_text(text, SLACK_TEXT)})
    # Notifications interpret text as Slack's markup, which begins with these three characters.
    title = message.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": title, "blocks": blocks}


def plain_text(text: str, longest: int) -> dict[str, Any]:
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": short, "emoji": False}


def teams(message: Message) -> dict[str, Any]:
    """Return an adaptive card with text runs, which are not interpreted as Markdown."""
    body = [runs([message.title], weight="Bolder", size="Medium")]
    for name, lines in message.parts:
        body += [runs([name], weight="Bolder")] if name else []
        body += [runs([f"• {line}" if name else line]) for line in lines]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    content_type = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": content_type, "contentUrl": None, "content": card}],
    }


def runs(texts: list[str], **style: str) -> dict[str, Any]:
    inlines = [{"type": "TextRun", "text": text, **style} for text in texts]
    return {"type": "RichTextBlock", "inlines": inlines}


FORMATS: dict[str, Callable[[Message], dict[str, Any]]] = {"slack": slack, "teams": teams}


def format_for(host: str, chosen: str) -> str:
    """Return the requested format, or else that of the host; most other chats accept Slack's."""
    return chosen or ("teams" if f".{host}".endswith(TEAMS_HOSTS) else "slack")


# ---- sending ---------------------------------------------------------------------------------


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects, so that a message goes only to its address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(message: Message, address: str, chosen: str) -> str:
    """Send a message; return the reason if that failed."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        host, is_web = parts.hostname or "", parts.scheme in ("http", "https")
    except ValueError:
        host, is_web = "", False
    if not host or not is_web:
        return "TOPHEAVY_WEBHOOK: must be an address that begins with https:// or http://"
    if chosen and chosen not in FORMATS:
        return f"TOPHEAVY_WEBHOOK_FORMAT: must be slack or teams, not {chosen!r}"
    payload = FORMATS[format_for(host, chosen)](message)
    try:
        send(address, json.dumps(payload, ensure_ascii=False).encode())
    except urllib.error.HTTPError as error:
        error.close()
        return f"TOPHEAVY_WEBHOOK: {host} answered {error.code}; check the address and the format"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"TOPHEAVY_WEBHOOK: {host} cannot be reached: {reason(error)}"
    return ""


def send(address: str, body: bytes) -> None:
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    with urllib.request.build_opener(NoRedirect).open(request, timeout=SECONDS):
        pass


def reason(error: Exception) -> str:
    """Describe an error in a few words, without the address."""
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError):
        return f"no answer within {SECONDS} seconds"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return type(inner).__name__
