"""The way out: one HTTP session with time limits, proxies, and a guard for addresses that came in a request."""

from __future__ import annotations

from g4f.requests.guard import check_public_url, is_public
from g4f.requests.proxies import pick_proxy
from g4f.requests.response import Response
from g4f.requests.session import StreamSession
from g4f.requests.status import raise_for_status
from g4f.requests.timeouts import Timeouts

__all__ = ["Response", "StreamSession", "Timeouts", "check_public_url", "is_public", "pick_proxy", "raise_for_status"]
