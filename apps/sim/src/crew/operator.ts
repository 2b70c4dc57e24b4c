/** Operators, by the SDK over /admin: each act is a short connection, and may fail as anything else; who tidies up keeps one as long as it holds. */
import { type Admin, createAdmin, HubError } from "@waybill/client";
import type { Account } from "../judge/judge.ts";
import type { Act } from "../plan/step.ts";
import type { Process } from "../world/world.ts";
import { passOf } from "./hub-program.ts";
import type { Stage } from "./stage.ts";

const token = passOf({ role: "admin", subject: "ops" });
type Operation = Exclude<Act, { kind: "publish" | "trim" }>;

/** A program of an operator's: one act, or many. */
type Session = { process: Process; admin: Admin | null };

export class Operator {
  readonly #stage: Stage;
  #tidying: Session | null = null;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  act(operation: Operation): void {
    const session = this.#begin();
    this.#run(
      session,
      (admin) => this.#do(admin, operation),
      () => this.#leave(session),
    );
  }

  /**
   * After the heal: resumes what is paused, tries again what is stuck, sends dead letters again if that is the plan, and looks what is
   * left. `done` gets the hub's accounts, or null when there is more to do or the hub could not be asked.
   */
  tidyUp(done: (accounts: Account[] | null) => void): void {
    let accounts: Account[] | null = null;
    this.#tidying ??= this.#begin();
    this.#run(
      this.#tidying,
      async (admin) => {
        const found: Account[] = [];
        let isDone = true;
        for await (const { queue, group, paused, pending, head, floor, stuck, dead } of admin.subscriptions()) {
          const of = { queue, group };
          const letters: number[] = [];
          if (paused) await this.#resume(admin, of);
          if (stuck > 0) for await (const { parcel } of admin.stuckKeys(of)) await tolerantly(admin.retryKey(of, parcel));
          if (dead > 0) for await (const { offset } of admin.deadLetters(of)) letters.push(offset);
          if (dead > 0 && this.#stage.plan.settings.redrives) for await (const _ of admin.redrive({ ...of, which: {} }));
          if (pending > 0 || stuck > 0 || paused || (dead > 0 && this.#stage.plan.settings.redrives)) isDone = false;
          found.push({ queue, group, head, floor, pending, stuck, dead: letters });
        }
        accounts = isDone ? found : null;
      },
      () => done(accounts),
    );
  }

  /** A subscription that is full of dead letters pauses again: make room first. */
  async #resume(admin: Admin, of: { queue: string; group: string }): Promise<void> {
    const isFull = await admin.resume(of).then(
      () => false,
      (error: unknown) => {
        if (error instanceof HubError && error.code === "PAUSED") return true;
        throw error;
      },
    );
    if (!isFull) return;
    for await (const _ of admin.redrive({ ...of, which: {} }));
    await admin.setPolicy(of, "block");
    await tolerantly(admin.resume(of));
  }

  async #do(admin: Admin, operation: Operation): Promise<void> {
    const { kind, queue, group } = operation;
    const of = { queue, group };
    switch (kind) {
      case "pause":
        return admin.pause(of);
      case "resume":
        return admin.resume(of);
      case "policy":
        return admin.setPolicy(of, (await admin.subscription(of)).policy === "block" ? "skip" : "block");
      case "retry":
        for await (const { parcel } of admin.stuckKeys(of)) await admin.retryKey(of, parcel);
        return;
      case "skip":
        for await (const { parcel } of admin.stuckKeys(of)) await admin.skipKey(of, parcel, "the customer moved");
        return;
      case "redrive":
        for await (const _ of admin.redrive({ ...of, which: {} }));
        return;
      case "discard":
        return this.#discard(admin, of);
    }
  }

  /** Written down before it is asked: an answer may be lost. */
  async #discard(admin: Admin, of: { queue: string; group: string }): Promise<void> {
    for await (const { offset } of admin.deadLetters(of)) {
      this.#stage.history.discarded.add(`${of.queue} ${of.group} ${offset}`);
      for await (const _ of admin.discard({ ...of, which: { offsets: [offset] }, reason: "refunded" }));
      return;
    }
  }

  #begin(): Session {
    return { process: this.#stage.spawn("operator"), admin: null };
  }

  #leave(session: Session): void {
    void session.admin?.[Symbol.asyncDispose]();
    session.admin = null;
  }

  /** `done`: whatever became of it. A session that failed connects again when there is more to do. */
  #run(session: Session, work: (admin: Admin) => Promise<void>, done: () => void): void {
    const { world } = this.#stage;
    const { process } = session;
    world.after(0, process, () => {
      void this.#connected(session)
        .then(work)
        .catch((error: unknown) => {
          this.#leave(session);
          this.#failed(process, error);
        })
        .finally(() => world.after(0, process, done));
    });
  }

  async #connected(session: Session): Promise<Admin> {
    session.admin ??= await createAdmin({ url: "http://hub", token, answerMs: 5_000 });
    return session.admin;
  }

  /** The hub's refusals are part of the day; a broken contract is not. */
  #failed(process: Process, error: unknown): void {
    if (!(error instanceof HubError)) this.#stage.crashed(process, error);
    else if (error.code === "INTERNAL" || error.code === "INVALID_MESSAGE" || error.code === "UNSUPPORTED_PROTOCOL")
      this.#stage.history.find("wire", `operator: ${error.code}: ${error.message}`);
  }
}

async function tolerantly(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof HubError) || error.code === "INTERNAL") throw error;
  });
}
