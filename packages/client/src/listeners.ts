import type { ClientEvents, Listener } from "./types.ts";

type Listeners = { readonly [K in keyof ClientEvents]: Set<Listener<K>> };

/** The program's listeners. One that throws is told to `error`; one of `error` that throws is not our business any more. */
export class Announcer {
  readonly #listeners: Listeners = {
    status: new Set(),
    refused: new Set(),
    "hub-lost": new Set(),
    outbox: new Set(),
    gap: new Set(),
    resumed: new Set(),
    presence: new Set(),
    typing: new Set(),
    word: new Set(),
    notice: new Set(),
    error: new Set(),
  };

  listen<K extends keyof ClientEvents>(name: K, listener: Listener<K>): () => void {
    const listeners: Set<Listener<K>> = this.#listeners[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** `false`: nobody was told. */
  announce<K extends keyof ClientEvents>(name: K, ...args: Parameters<ClientEvents[K]>): boolean {
    const listeners: Set<Listener<K>> = this.#listeners[name];
    const told = [...listeners]; // One of them may remove itself, and was told all the same.
    for (const listener of told) {
      try {
        listener(...args);
      } catch (error) {
        if (name !== "error") this.announce("error", asError(error));
      }
    }
    return told.length > 0;
  }
}

export const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
