/** For tests: what a server with chats says, and who owns a conversation. */
import type { ServerResponse } from "node:http";

import { type Asked, events, named } from "./serving.ts";
import type { Reply } from "./src/chat/turn";
import type { Conversation } from "./src/state/conversation.svelte";

export const FINISH = { type: "finish", finish: { reason: "stop" } };
export const text = (content: string): object => ({ type: "content", content });
export const target = { provider: "scenario", model: "plain", endpoint: null, webSearch: false };
export const owner = { target: () => target, changed: () => undefined };

export type Stream = (response: ServerResponse, asked: Asked) => unknown;

/** Answer a question with these chunks; without an end the connection breaks. */
export function answering(run: string, ...chunks: object[]): Stream {
  return (response, { body }) => {
    const question = typeof body.parent_id === "string" && body.action !== "next" ? body.parent_id : body.message_id;
    const log = events(1, named(run, `answer-${run}`, String(question)), ...chunks);
    response.write(log, () => (chunks.includes(FINISH) ? response.end() : response.destroy()));
  };
}

export const lastOf = (conversation: Conversation): Reply => conversation.turns.at(-1) as Reply;

export const BARE = { files: [], citations: [] };

/** A chat that is kept, with one question and its answer. */
export function kept(run: object, content = "Half"): object {
  const question = { ...BARE, id: "q", parent_id: null, role: "user", content: "Go", created_at: 1, run: null };
  const answer = { ...BARE, id: "a", parent_id: "q", role: "assistant", content, created_at: 2 };
  const info = { id: "r", provider: "P", model: "M", started_at: 3, finished_at: null, ...run };
  const running = "state" in run && run.state === "running" ? "r" : null;
  return {
    id: "c",
    title: "Go",
    created_at: 1,
    updated_at: 2,
    run_id: running,
    messages: [question, { ...answer, run: info }],
  };
}
