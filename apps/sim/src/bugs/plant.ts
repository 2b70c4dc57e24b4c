/** Where the planted bugs go: around a storage, an engine, an outbox, or instead of hub time. Without a bug, each is as it is. */
import { dropping } from "@waybill/chaos/src/bugs/dead-letter-dropped.ts";
import { forgetful } from "@waybill/chaos/src/bugs/forget-repeats.ts";
import { outboxWithBug } from "@waybill/chaos/src/bugs/outbox-with-bug.ts";
import { confirmingTooMuch } from "@waybill/chaos/src/bugs/partial-batch-ack.ts";
import { swapping } from "@waybill/chaos/src/bugs/swap-in-retry.ts";
import type { Outbox } from "@waybill/client";
import type { HubClock } from "@waybill/hub/src/hub-parts.ts";
import type { Engine, EngineOptions } from "@waybill/queue";
import type { Storage } from "@waybill/storage";
import { plantedBug } from "./catalogue.ts";
import { undelayed } from "./delay-lost-when-read.ts";
import { tellingNoneMissing } from "./trimmed-while-parked.ts";

export const inOutbox = (outbox: Outbox): Outbox => outboxWithBug(plantedBug(), outbox);

export const inClock = (clock: HubClock): HubClock => (plantedBug() === "wall-clock-ttl" ? { nowMs: () => Date.now() } : clock);

export function inEngine(engine: Engine, options: EngineOptions): Engine {
  switch (plantedBug()) {
    case "dead-letter-dropped":
      return dropping(engine, options);
    case "delay-lost-when-read":
      return undelayed(engine);
    case "swap-in-retry":
      return swapping(engine);
    case "trimmed-while-parked":
      return tellingNoneMissing(engine);
    default:
      return engine;
  }
}

export function inStorage(storage: Storage): Storage {
  switch (plantedBug()) {
    case "no-dedup":
      return forgetful(storage, { remembers: 0 });
    case "dedup-window-too-short":
      return forgetful(storage, { remembers: 2 });
    case "partial-batch-ack":
      return confirmingTooMuch(storage);
    default:
      return storage;
  }
}
