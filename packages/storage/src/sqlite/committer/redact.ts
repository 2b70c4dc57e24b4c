/**
 * Replaces one event's body everywhere. The tail is never edited: it is sealed first, and then only runs have to change.
 * Copies of the event that were made later (a job that was offered again) hang on later events of the same home.
 */
import type { DatabaseSync } from "node:sqlite";
import { placeParts } from "../codec/batch-codec.ts";
import { RunWriter } from "../codec/run-codec.ts";
import type { State } from "./state.ts";

const eventsAtOnce = 4_096;

export function* redact(
  db: DatabaseSync,
  state: State,
  { place, offset, body }: { place: string; offset: number; body: Uint8Array },
): Generator<void, null, void> {
  const found = [{ place, offset }];
  const { events } = state;
  let next = offset;
  do {
    state.appender.closeSegment();
    // Sealing comes before errands: when this goes on, all of that is in runs.
    yield;
    for (const { head } = state.heads.get(place); next <= head; next++) {
      for (const copy of events.get(place, next)?.copies ?? []) {
        if ((copy.homeOffset === 0 && next === offset) || copy.homeOffset === offset) found.push(copy);
      }
      if (next % eventsAtOnce === 0) yield;
    }
  } while (next <= state.heads.get(place).head || found.some((one) => state.index.find(one.place, one.offset) !== null));

  const updateDead = db.prepare("UPDATE dead SET body = ? WHERE place = ? AND offset = ?");
  for (const one of found) {
    rewriteRun(db, state, { ...one, body });
    updateDead.run(body, one.place, one.offset);
  }
  events.forget();
  return null;
}

function rewriteRun(
  db: DatabaseSync,
  { events: { runs } }: State,
  { place, offset, body }: { place: string; offset: number; body: Uint8Array },
): void {
  const found = runs.find(place, runs.queue(place), offset);
  if (found === null || offset < found.run.first) return;
  const { run, segment } = found;
  const writer = new RunWriter();
  writer.start(run.first);
  run.forEach(placeParts(place).queue, { from: run.first, to: run.last }, (one) => {
    writer.add(one.event.offset === offset ? { ...one, event: { ...one.event, body } } : one);
  });
  const update = db.prepare("UPDATE run SET blob = ? WHERE segment = ? AND place = ? AND first_offset = ?");
  update.run(writer.finish(), segment, place, run.first);
}
