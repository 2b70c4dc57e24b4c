/** Carries out a fault, and ends it when its time is over. */
import { hash32 } from "@waybill/testkit";
import type { Fault } from "../plan/faults.ts";
import type { ClientProgram } from "./client-program.ts";
import type { HubProgram } from "./hub-program.ts";
import type { Stage } from "./stage.ts";

type Crew = { hub: HubProgram; clients: ReadonlyMap<string, ClientProgram> };

export function breakThing(stage: Stage, { hub, clients }: Crew, fault: Fault): void {
  const { world, network, storage, disk } = stage;
  const later = (ms: number, run: () => void): void => void world.after(ms, world.director, run);
  const client = "who" in fault ? clients.get(fault.who) : undefined;
  const links = client?.process ? network.linksOf(client.process) : [];
  world.note(hash32(fault.kind));
  switch (fault.kind) {
    case "hub-crash":
      hub.kill(fault);
      later(fault.downMs, () => hub.start());
      break;
    case "hub-drain":
      hub.drain(() => later(fault.downMs, () => hub.start()));
      break;
    case "hub-pause": {
      const { process } = hub;
      if (process === null) return;
      world.pause(process);
      later(fault.forMs, () => world.resume(process));
      break;
    }
    case "client-crash":
      client?.crash(fault);
      later(fault.downMs, () => client?.start());
      break;
    case "client-close":
      client?.close(fault.drainMs, () => later(fault.downMs, () => client.start()));
      break;
    case "client-pause": {
      const process = client?.process;
      if (!process) return;
      world.pause(process);
      later(fault.forMs, () => world.resume(process));
      break;
    }
    case "cut":
      for (const link of links) link.cut();
      return;
    case "lost-answer":
      for (const link of links) link.cutAfter = fault.after;
      return;
    case "silence":
      for (const link of links) {
        if (fault.way !== "down") link.silence("up", fault.forMs);
        if (fault.way !== "up") link.silence("down", fault.forMs);
      }
      return;
    case "slow-network":
      network.slowness = fault.times;
      later(fault.forMs, () => {
        network.slowness = 1;
      });
      break;
    case "disk-refuses":
      storage.refuses = fault.code;
      later(fault.forMs, () => {
        storage.refuses = null;
      });
      break;
    case "disk-slow":
      storage.syncMs = fault.syncMs;
      later(fault.forMs, () => {
        storage.syncMs = stage.plan.settings.syncMs;
      });
      break;
    case "outbox-disk-fails":
      disk.failing.add(`/sim/${fault.who}`);
      later(fault.forMs, () => void disk.failing.delete(`/sim/${fault.who}`));
      break;
    case "wall-jump":
      world.wallJumpMs += fault.byMs;
  }
}
