import { expect, test } from "vitest";

import { type Answer, emptyAnswer, type Failure } from "../../chat/reduce";
import { troubleOf } from "./trouble";

const failure = (kind: Failure["kind"]): Failure => ({ kind, message: "m", code: "", requestId: "" });
const answer = (given: Partial<Answer>): Answer => ({ ...emptyAnswer(0), finish: "error", ...given });

test.each([
  [answer({ failure: failure("auth") }), "failure.auth"],
  [answer({ failure: failure("refused") }), "failure.refused"],
  [answer({ failure: failure("provider"), text: "half" }), "failure.cut"],
  [answer({ finish: "interrupted", text: "half" }), "failure.cut"],
  [answer({ finish: "stop" }), "failure.empty"],
  [answer({ finish: "stop", text: "whole" }), undefined],
  [answer({ finish: "stopped" }), undefined],
  [answer({ finish: null }), undefined],
])("answer %# is told as %s", (given, title) => {
  expect(troubleOf(given)?.title).toBe(title);
});
