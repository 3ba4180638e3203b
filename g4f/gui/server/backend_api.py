"""Every URL of the backend, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, partial
from typing import Any

from flask import Flask, Response, request

from g4f import debug
from g4f.config import Settings
from g4f.gui.server import guards, openapi, refusals
from g4f.gui.server.api import Api
from g4f.gui.server.handlers import (
    buckets,
    chats,
    conversation,
    create,
    files,
    models,
    pages,
    runs,
    shares,
    speech,
    unoffered,
    uploads,
    usage,
    version,
    web,
)
from g4f.gui.server.routing import Policy, Route, register
from g4f.gui.server.streams import PendingResponse

V2 = "/backend-api/v2"
RELAYED = ("GET", "POST", "PUT", "PATCH", "OPTIONS")
PUBLIC, SIGNED_IN, ADMIN = Policy.PUBLIC, Policy.SIGNED_IN, Policy.ADMIN


class Backend_Api(Api):
    """Be the platform with URLs; ``routes`` tells which function answers each."""

    table = (
        Route("GET", "/", pages.get_home, PUBLIC, hidden=True),
        Route("POST", "/", pages.get_home, PUBLIC, hidden=True),
        Route("GET", "/chat/", pages.get_home, PUBLIC, hidden=True),
        Route("POST", "/chat/", pages.get_home, PUBLIC, hidden=True),
        Route("GET", "/chat/<chat_id>", pages.get_home, PUBLIC, hidden=True),
        Route("GET", "/dist/<path:name>", pages.get_asset, PUBLIC, hidden=True),
        Route("GET", "/healthz", version.get_health, PUBLIC, quick=True),
        Route("GET", "/readyz", version.get_readiness, PUBLIC),
        Route("GET", "/metrics", version.get_metrics, ADMIN),
        Route("GET", "/openapi.json", pages.get_openapi, PUBLIC),
        Route("GET", f"{V2}/version", version.get_version, PUBLIC, quick=True),
        Route("GET", f"{V2}/models", models.get_models, SIGNED_IN, quick=True),
        Route("GET", f"{V2}/models/AnyProvider", models.get_model_groups, SIGNED_IN, quick=True),
        Route("GET", f"{V2}/models/<provider>", models.get_provider_models, SIGNED_IN, quick=True),
        Route("GET", f"{V2}/providers", models.get_providers, SIGNED_IN, quick=True),
        Route("POST", f"{V2}/conversation", conversation.handle_conversation, SIGNED_IN, "conversation_limit", forms=True, quick=True),
        Route("GET", f"{V2}/chats", chats.get_chats, SIGNED_IN),
        Route("POST", f"{V2}/chats", chats.create_chat, SIGNED_IN),
        Route("GET", f"{V2}/chats/<chat_id>", chats.get_chat, SIGNED_IN),
        Route("PATCH", f"{V2}/chats/<chat_id>", chats.rename_chat, SIGNED_IN),
        Route("DELETE", f"{V2}/chats/<chat_id>", chats.delete_chat, SIGNED_IN),
        Route("POST", f"{V2}/chats/<chat_id>/restore", chats.restore_chat, SIGNED_IN),
        Route("GET", f"{V2}/runs/<run_id>/events", runs.get_events, SIGNED_IN, quick=True),
        Route("POST", f"{V2}/runs/<run_id>/stop", runs.stop_run, SIGNED_IN, quick=True),
        Route("GET", f"{V2}/chat/<share_id>", shares.get_share, SIGNED_IN),
        Route("POST", f"{V2}/chat/<share_id>", shares.put_share, SIGNED_IN, "share_limit"),
        Route("POST", f"{V2}/files/<bucket_id>", buckets.manage_files, SIGNED_IN, "upload_limit", forms=True, streamed=True),
        Route("GET", f"{V2}/files/<bucket_id>", buckets.get_bucket, SIGNED_IN),
        Route("GET", f"{V2}/files/<bucket_id>/stream", buckets.get_progress, SIGNED_IN),
        Route("DELETE", f"{V2}/files/<bucket_id>", buckets.delete_bucket, SIGNED_IN),
        Route("PUT", f"{V2}/files/<bucket_id>/<filename>", buckets.put_file, SIGNED_IN, "upload_limit", streamed=True),
        Route("PUT", f"{V2}/files/<bucket_id>/stream", buckets.put_file, SIGNED_IN, "upload_limit", streamed=True),
        Route("GET", f"{V2}/buckets", buckets.get_buckets, SIGNED_IN),
        Route("GET", f"{V2}/buckets/<bucket_id>/files", buckets.get_files, SIGNED_IN),
        Route("POST", f"{V2}/buckets/<bucket_id>/pages", web.add_page, SIGNED_IN),
        Route("GET", f"{V2}/web", web.get_web, SIGNED_IN, quick=True),
        Route("GET", f"{V2}/file/<file_id>", files.get_file, SIGNED_IN),
        Route("DELETE", f"{V2}/file/<file_id>", files.delete_file, SIGNED_IN),
        Route("POST", f"{V2}/file/<file_id>/restore", files.restore_file, SIGNED_IN),
        Route("GET", f"{V2}/file/<file_id>/content", files.get_content, SIGNED_IN),
        Route("GET", f"{V2}/file/<file_id>/thumbnail", files.get_thumbnail, SIGNED_IN),
        Route("GET", f"{V2}/file/<file_id>/passages/<number>", files.get_passage, SIGNED_IN),
        Route("OPTIONS", f"{V2}/uploads", uploads.describe_uploads, PUBLIC),
        Route("POST", f"{V2}/uploads", uploads.begin_upload, SIGNED_IN, "upload_limit", streamed=True),
        Route("GET", f"{V2}/uploads/<upload_id>", uploads.get_upload, SIGNED_IN),
        Route("PATCH", f"{V2}/uploads/<upload_id>", uploads.append_upload, SIGNED_IN, "upload_limit", streamed=True),
        Route("DELETE", f"{V2}/uploads/<upload_id>", uploads.cancel_upload, SIGNED_IN),
        Route("GET", f"{V2}/storage", files.get_storage, SIGNED_IN),
        Route("GET", f"{V2}/trash", files.get_trash, SIGNED_IN),
        Route("DELETE", f"{V2}/trash", files.empty_trash, SIGNED_IN),
        Route("GET", "/files/<bucket_id>/media/<name>", files.get_bucket_media, SIGNED_IN),
        Route("GET", "/files/<bucket_id>/thumbnail/<name>", files.get_bucket_thumbnail, SIGNED_IN),
        Route("GET", "/files/<bucket_id>/<kind>/<name>", files.refuse_kind, SIGNED_IN, hidden=True),
        Route("GET", "/media/", files.get_media_home, PUBLIC, hidden=True),
        Route("GET", "/media/<path:name>", files.get_media, SIGNED_IN),
        Route("GET", "/images/<path:name>", files.get_media, SIGNED_IN),
        Route("GET", "/thumbnail/<path:name>", files.get_media_thumbnail, SIGNED_IN),
        Route("GET", "/search/<search>", files.search_media, SIGNED_IN),
        Route("POST", f"{V2}/usage", usage.add_usage, SIGNED_IN),
        Route("GET", f"{V2}/usage/summary", usage.get_summary, SIGNED_IN),
        Route("GET", f"{V2}/usage/<date>", usage.get_usage, SIGNED_IN),
        Route("GET", f"{V2}/stats", usage.get_stats, SIGNED_IN),
        Route("POST", f"{V2}/log", usage.add_log, SIGNED_IN),
        Route("GET", f"{V2}/log", usage.get_log, SIGNED_IN),
        Route("GET", f"{V2}/create", create.create, SIGNED_IN),
        Route("POST", f"{V2}/create", create.create, SIGNED_IN),
        Route("GET", f"{V2}/synthesize/<provider>", speech.synthesize, SIGNED_IN),
        Route("POST", f"{V2}/synthesize/<provider>", speech.synthesize_body, SIGNED_IN),
        Route("GET", f"{V2}/runs/<run_id>/speech", speech.speak_run, SIGNED_IN),
        Route("GET", f"{V2}/speech", speech.get_engines, SIGNED_IN),
        Route("GET", f"{V2}/speech/<provider>/voices", speech.get_voices, SIGNED_IN),
        Route("POST", f"{V2}/transcribe", speech.transcribe, SIGNED_IN, "transcription_limit", forms=True, streamed=True),
        Route("POST", f"{V2}/upload_cookies", unoffered.upload_cookies, SIGNED_IN),
        Route("GET", f"{V2}/oauth/<provider>", unoffered.sign_in, SIGNED_IN),
        Route("POST", f"{V2}/oauth/<provider>", unoffered.sign_in, SIGNED_IN),
        Route("GET", f"{V2}/public-key", unoffered.get_public_key, SIGNED_IN),
        Route("POST", f"{V2}/public-key", unoffered.get_public_key, SIGNED_IN),
        *(Route(method, "/api/<path:address>", unoffered.relay, SIGNED_IN, hidden=True) for method in RELAYED),
        Route("GET", f"{V2}/webmcp/tools", unoffered.get_tools, SIGNED_IN),
        Route("POST", f"{V2}/webmcp/tools", unoffered.call_tool, SIGNED_IN),
        Route("GET", "/pa/providers", unoffered.get_local_plugins, SIGNED_IN),
    )

    def __init__(self, app: Flask, config: Settings | Mapping[str, Any] | None = None) -> None:
        """Give the app every route, the guards in front of them and the one error shape."""
        super().__init__(config)
        self.app = app
        if self.settings.debug:
            debug.enable_logging()
        guards.install(app, self.settings)
        refusals.install(app)
        app.after_request(self._count)
        app.url_map.strict_slashes = False
        self.routes = register(app, self.table, self)

    @cached_property
    def document(self) -> bytes:
        """Return the API document as JSON, made when it is first asked for."""
        return openapi.document(self.table)

    def _count(self, response: Response) -> Response:
        """Count an answer, one that the bridge has yet to await when it is there."""
        rule = request.url_rule
        endpoint = rule.endpoint if rule else ""
        if isinstance(response, PendingResponse):
            response.pending.response = _counted(response.pending.response, partial(self.metrics.count_request, endpoint))
        else:
            self.metrics.count_request(endpoint, response.status_code)
        return response


def _counted(later: Callable[[], Awaitable[Response]], count: Callable[[int], None]) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        response = await later()
        count(response.status_code)
        return response

    return answer
