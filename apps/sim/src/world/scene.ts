import type { Disk } from "./disk.ts";
import type { Network } from "./network.ts";
import type { StorageModel } from "./storage-model.ts";

/** What stands outside of the simulated programs, and what they reach by substitution: sockets, files, and what the hub keeps. */
export type Scene = {
  network: Network;
  disk: Disk;
  storage: StorageModel;
  /** What engines are made with, instead of the hub's large numbers: a window that small schedules fill. */
  engine: { windowEventsMax: number; keyWaitingMax: number; deadLettersMax: number };
  onEngineFault(error: unknown): void;
};

let scene: Scene | null = null;

export function theScene(): Scene {
  if (scene === null) throw new Error("There is no scene outside of a schedule.");
  return scene;
}

export function setScene(next: Scene | null): void {
  scene = next;
}
