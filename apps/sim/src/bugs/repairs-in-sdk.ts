/** The SDK's repairs, taken back by their methods. Each gets the methods as they are shipped, and calls them with `this` as it is. */

type Method<Self> = (this: Self, ...args: never[]) => unknown;
type Result = { ok: true; answer: unknown } | { ok: false; error: { code: string } };
type Link = { ask: Method<Link> };

/** Whatever ends the question `sync`, the parcel goes on. */
export function timeOutAsAnswer({ ask }: Link): object {
  return {
    ask(this: Link, name: string, body: object, done: (result: Result) => void) {
      const isAnswer = (result: Result): boolean => result.ok || name !== "sync" || result.error.code !== "TIMED_OUT";
      const heard = (result: Result): void => done(isAnswer(result) ? result : { ok: true, answer: { outcome: "done" } });
      (ask as (...args: unknown[]) => void).call(this, name, body, heard);
    },
  };
}

type Introduction = { state: string; greetLater: Method<Introduction> };

/** One timer, of whichever connection: as long as it runs no other is begun. */
export function waitingForALostTimer({ greetLater }: Introduction): object {
  const due = new WeakSet<Introduction>();
  return {
    greetLater(this: Introduction) {
      if (this.state === "stopped" || this.state === "renewing") return;
      if (due.has(this)) {
        this.state = "greeting";
        return;
      }
      due.add(this);
      const { setTimeout: later } = globalThis;
      globalThis.setTimeout = Object.assign((run: () => void, ms?: number) => {
        const ended = (): void => {
          due.delete(this);
          run();
        };
        return later(ended, ms);
      }, later);
      greetLater.call(this);
      globalThis.setTimeout = later;
    },
  };
}

type Place = { offset: number };
type ParcelOrder = { isHeld: Method<ParcelOrder>; hold: Method<ParcelOrder> };

/** What goes back behind a hold begins none of its own. */
export function notHoldingTwice(shipped: ParcelOrder): object {
  let handedBack = "";
  const call = <T>(method: unknown, order: ParcelOrder, ...args: unknown[]): T => (method as (...args: unknown[]) => T).apply(order, args);
  return {
    isHeld(this: ParcelOrder, parcel: string, place: Place): boolean {
      const isHeld = call<boolean>(shipped.isHeld, this, parcel, place);
      if (isHeld) handedBack = `${parcel} ${place.offset}`;
      return isHeld;
    },
    hold(this: ParcelOrder, parcel: string, offset: number): void {
      const isSecond = handedBack === `${parcel} ${offset}`;
      handedBack = "";
      if (!isSecond) call<void>(shipped.hold, this, parcel, offset);
    },
  };
}
