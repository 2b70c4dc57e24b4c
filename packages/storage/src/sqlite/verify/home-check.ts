/** The events of one home queue: its lanes, what the hub itself published, and where each event was copied to. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { int, text } from "../columns.ts";
import type { Expectations } from "./expectations.ts";
import type { Findings } from "./findings.ts";
import type { PlacedEvent } from "./place-events.ts";
import type { TailLane } from "./tail-places.ts";

/** The hub's own ids are compared over so many of its events in one queue. */
const hubIdsMax = 65_536;

type Lane = { number: number; offset: number };
export type HomeParts = { db: DatabaseSync; copies: Expectations; findings: Findings };
export type HomeInput = {
  place: string;
  firstKept: number;
  tailLanes: ReadonlyMap<string, TailLane>;
  /** The id of an earlier event of this queue; `null`: it was trimmed. */
  idOf: (offset: number) => string | null;
};

export class HomeCheck {
  readonly counts = { lanes: 0, copies: 0, voids: 0 };
  private readonly parts: HomeParts;
  private readonly selectLanes: StatementSync;

  constructor(parts: HomeParts) {
    this.parts = parts;
    this.selectLanes = parts.db.prepare("SELECT producer, number, last_offset FROM lane WHERE place = ?");
  }

  /** To be given each event of the queue in order, and then told that it ended. */
  begin(input: HomeInput): { event(found: PlacedEvent): void; end(): void } {
    const lanes = new Map<string, Lane>();
    const sealed = new Map<string, Lane>();
    const hubIds = new Set<string>();
    return {
      event: (found) => {
        const { event } = found;
        if (event.homeOffset !== event.offset)
          this.parts.findings.add("copies", found.where, `it is a copy of offset ${event.homeOffset}, and a store's queue has none`);
        if (event.number > 0) this.follow(input, lanes, found);
        else if (event.producer === "hub") this.addHubId(hubIds, found);
        if (found.source === "run" && event.number > 0) sealed.set(event.producer, { number: event.number, offset: event.offset });
        this.expectCopies(input, found);
      },
      end: () => this.compareLanes(input, sealed),
    };
  }

  /** Numbers between two events of a lane are voids; the chain of offsets tells whether an event is missing. */
  private follow({ firstKept }: HomeInput, lanes: Map<string, Lane>, { event, previous, where }: PlacedEvent): void {
    const { findings } = this.parts;
    const before = lanes.get(event.producer);
    const lane = `number ${event.number} of ${event.producer}`;
    if (before === undefined) {
      if (previous >= firstKept) findings.add("lanes", where, `${lane} comes first, and names offset ${previous} as the one before it`);
    } else {
      if (event.number <= before.number)
        findings.add("repeats", where, `${lane} follows number ${before.number} at offset ${before.offset}`);
      else if (previous !== before.offset)
        findings.add("lanes", where, `${lane} names offset ${previous} as the one before it, which is at ${before.offset}`);
      this.counts.voids += Math.max(0, event.number - before.number - 1);
    }
    lanes.set(event.producer, { number: event.number, offset: event.offset });
  }

  private addHubId(ids: Set<string>, { event, where }: PlacedEvent): void {
    if (ids.has(event.id)) this.parts.findings.add("repeats", where, `the hub's event ${event.id} is there before`);
    if (ids.size >= hubIdsMax) ids.clear();
    ids.add(event.id);
  }

  private expectCopies({ idOf }: HomeInput, { event, copies, where }: PlacedEvent): void {
    for (const { place, offset, homeOffset } of copies) {
      this.counts.copies += 1;
      this.parts.copies.add(place, {
        offset,
        kind: "copy",
        id: homeOffset === 0 ? event.id : idOf(homeOffset),
        homeOffset: homeOffset === 0 ? event.offset : homeOffset,
        parcel: event.parcel,
        by: where,
      });
    }
  }

  /** A lane's row is as of its last sealed segment, or already of one that is being sealed. */
  private compareLanes({ place, firstKept, tailLanes }: HomeInput, sealed: ReadonlyMap<string, Lane>): void {
    const { findings } = this.parts;
    const rows = new Map(
      this.selectLanes.all(place).map((row) => [text(row, "producer"), { number: int(row, "number"), offset: int(row, "last_offset") }]),
    );
    this.counts.lanes += new Set([...rows.keys(), ...tailLanes.keys()]).size;
    for (const [producer, { number, offset }] of sealed) {
      const row = rows.get(producer);
      const where = `${place}, lane of ${producer}`;
      if (row === undefined) findings.add("lanes", where, `it has no row, and number ${number} is sealed at offset ${offset}`);
      else if (row.number < number || row.offset < offset)
        findings.add(
          "lanes",
          where,
          `its row says number ${row.number} at offset ${row.offset}, and number ${number} is sealed at offset ${offset}`,
        );
    }
    for (const [producer, row] of rows) {
      const last = tailLanes.get(producer)?.lastOffset ?? 0;
      const latest = Math.max(last, sealed.get(producer)?.offset ?? 0);
      if (row.offset >= firstKept && row.offset > latest)
        findings.add(
          "lanes",
          `${place}, lane of ${producer}`,
          `its row names offset ${row.offset} as its latest event, which is not its own`,
        );
    }
    for (const [producer, { first, last }] of tailLanes) {
      const sealedTo = rows.get(producer)?.number ?? 0;
      if (sealedTo < first - 1 || sealedTo > last)
        findings.add(
          "lanes",
          `${place}, lane of ${producer}`,
          `number ${sealedTo} is sealed, and the tail has numbers ${first} to ${last}`,
        );
    }
  }
}
