/** Branches: a question answered anew has several replies, and one path of all is shown. */
import type { Turn } from "./turn";

/** Return the turns from the first one down to `leaf`. */
export function pathTo(turns: readonly Turn[], leaf: string | null): readonly Turn[] {
  const known = new Map(turns.map((turn) => [turn.id, turn]));
  const path: Turn[] = [];
  for (let turn = known.get(leaf ?? ""); turn; turn = known.get(turn.parentId ?? "")) {
    path.push(turn);
    known.delete(turn.id);
  }
  return path.reverse();
}

/** Group turns by the place they stand in, which is below the same turn; oldest first. */
export function versionsByPlace(turns: readonly Turn[]): ReadonlyMap<string | null, readonly Turn[]> {
  const places = new Map<string | null, Turn[]>();
  for (const turn of turns) places.set(turn.parentId, [...(places.get(turn.parentId) ?? []), turn]);
  return places;
}

/** Return the end of the newest branch below a turn. */
export function endBelow(turns: readonly Turn[], id: string): string {
  const child = turns.findLast((turn) => turn.parentId === id);
  return child ? endBelow(turns, child.id) : id;
}

/** Return the end of the branch that something was added to last. */
export function newestEnd(turns: readonly Turn[]): string | null {
  const last = turns.at(-1);
  return last ? endBelow(turns, last.id) : null;
}

/** Return `turns` with one of them replaced, or added. */
export function withTurn(turns: readonly Turn[], turn: Turn): readonly Turn[] {
  const known = turns.some(({ id }) => id === turn.id);
  return known ? turns.map((other) => (other.id === turn.id ? turn : other)) : [...turns, turn];
}

/** Take over what the server knows: what is whole here and has not changed there stays, and so does what it does not have. */
export function merged(known: readonly Turn[], fetched: readonly Turn[]): readonly Turn[] {
  const here = new Map(known.map((turn) => [turn.id, turn]));
  return [...fetched.map((turn) => kept(here.get(turn.id), turn)), ...known.filter(({ stored }) => !stored)];
}

function kept(here: Turn | undefined, there: Turn): Turn {
  if (here?.kind !== "reply" || there.kind !== "reply") return there;
  return here.whole && here.runId === there.runId && here.answer.finish !== null ? here : there;
}
