import { adminRequests, HubError } from "@waybill/events";
import type { Engine } from "@waybill/queue";
import type { SubscriptionRow } from "@waybill/storage";
import type { Handlers } from "../edge/handlers.ts";
import type { Desk, SubscriptionName } from "./desk.ts";

const PAGE = 200;

/** `key:list`, `key:retry`, `key:skip`. */
export function handleKeyRequests(on: Handlers<null>, desk: Desk): void {
  const { storage } = desk.parts;

  on.request("key:list", adminRequests["key:list"].request, async ({ after = 0, ...name }) => {
    const { key, attempts } = await desk.row(name);
    const firsts = firstsOf(attempts.filter(({ stuck }) => stuck)).filter(({ offset }) => offset > after);
    const page = firsts.slice(0, PAGE);
    const offsets = page.map(({ offset }) => offset);
    const events = new Map((await storage.readOffsets(key.tenant, key.queue, offsets)).map((event) => [event.offset, event]));
    const keys = page.map(({ offset, key: parcel, failed, interrupted, notes }) => {
      const event = events.get(offset);
      return {
        parcel,
        offset,
        event: event ? { id: event.id, type: event.type } : null,
        failed,
        interrupted,
        sinceMs: notes.at(-1)?.atMs ?? 0,
        notes: [...notes],
      };
    });
    return { outcome: "keys", keys, more: firsts.length > PAGE };
  });

  on.request("key:retry", adminRequests["key:retry"].request, async ({ parcel, ...name }) => {
    const { runner, offset, check } = await blocked(desk, name, parcel);
    await runner.operate((engine) => {
      check(engine);
      return [{ type: "retry-key", key: parcel }];
    });
    desk.audit("key:retry", runner.key, `${parcel} at ${offset}`);
    return { outcome: "retried", offset };
  });

  on.request("key:skip", adminRequests["key:skip"].request, async ({ parcel, reason, ...name }) => {
    const { runner, offset, check } = await blocked(desk, name, parcel);
    await runner.operate(
      (engine) => {
        check(engine);
        checkRunning(engine);
        return [{ type: "skip-key", key: parcel, by: desk.by, reason }];
      },
      (engine) => {
        checkRunning(engine);
        return engine.explain({ offset, key: parcel }, desk.parts.clock.nowMs()).reason.because === "settled";
      },
    );
    desk.audit("key:skip", runner.key, `${parcel} at ${offset}: ${reason}`);
    return { outcome: "skipped", offset };
  });
}

/** The first event of a stuck or resting parcel, and a check that it still is when the engine is told. */
async function blocked(desk: Desk, name: SubscriptionName, parcel: string) {
  const runner = await desk.runner(name);
  const { attempts } = await desk.row(name);
  const [first] = firstsOf(attempts.filter(({ key }) => key === parcel));
  const nowMs = () => desk.parts.clock.nowMs();
  const refusal = () =>
    new HubError("NOT_STUCK", `No event of parcel ${parcel} is stuck or waits for a retry in ${runner.key.queue} ${runner.key.group}.`);
  if (!first) throw refusal();
  const { offset } = first;
  const check = (engine: Engine) => {
    const { because } = engine.explain({ offset, key: parcel }, nowMs()).reason;
    if (because !== "stuck" && because !== "resting") throw refusal();
  };
  return { runner, offset, check };
}

/** A paused subscription buries nothing [B5]. */
function checkRunning(engine: Engine): void {
  if (engine.view().paused) throw new HubError("PAUSED", "The subscription is paused, and buries nothing meanwhile; resume it, then skip.");
}

type Row = SubscriptionRow["attempts"][number];

/** Of each key, the earliest; redrives are beside their keys. */
function firstsOf(attempts: readonly Row[]): Row[] {
  const firsts = new Map<string, Row>();
  for (const row of attempts) {
    const known = firsts.get(row.key);
    if (row.redrive === 0 && (known === undefined || row.offset < known.offset)) firsts.set(row.key, row);
  }
  return [...firsts.values()].sort((a, b) => a.offset - b.offset);
}
