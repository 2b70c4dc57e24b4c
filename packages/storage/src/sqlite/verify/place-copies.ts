/** Meets the events of one queue with what others say of them: homes of their copies, claims and plain subjects of their offsets. */
import { placeOf, placeParts } from "../codec/batch-codec.ts";
import type { Expectation, Expectations } from "./expectations.ts";
import type { Check, Findings } from "./findings.ts";
import type { PlacedEvent, QueueFacts } from "./place-events.ts";

export type CopyParts = { facts: (place: string) => QueueFacts; expectations: Expectations; findings: Findings };

const checkOf: Record<Expectation["kind"], Check> = { copy: "copies", claim: "claims", id: "repeats" };

export class PlaceCopies {
  private readonly parts: CopyParts;

  constructor(parts: CopyParts) {
    this.parts = parts;
  }

  /** To be given each event of the queue in order, and then told that it ended. `isCopies`: each of them must be expected by a home. */
  begin(place: string, firstKept: number, isCopies: boolean): { event(found: PlacedEvent): void; end(): void } {
    const expected = this.parts.expectations.of(place);
    let next = expected.next();
    const skipTo = (offset: number): void => {
      for (; next.done !== true && next.value.offset < offset; next = expected.next()) {
        if (next.value.offset >= firstKept) this.missing(place, next.value);
      }
    };
    return {
      event: (found) => {
        let isNamed = false;
        skipTo(found.event.offset);
        for (; next.done !== true && next.value.offset === found.event.offset; next = expected.next()) {
          isNamed ||= next.value.kind === "copy";
          this.compare(found, next.value);
        }
        if (isCopies && !isNamed && !this.isHomeGone(place, found))
          this.parts.findings.add("copies", found.where, `no event at home says that ${found.event.id} was copied here`);
      },
      end: () => skipTo(Number.POSITIVE_INFINITY),
    };
  }

  missing(place: string, { offset, kind, by }: Expectation): void {
    const { findings, facts } = this.parts;
    if (offset >= facts(place).firstKept) findings.add(checkOf[kind], by, `it names offset ${offset} of ${place}, which is not there`);
  }

  private compare({ event, where }: PlacedEvent, expected: Expectation): void {
    const { findings } = this.parts;
    const check = checkOf[expected.kind];
    const { id, homeOffset, parcel, by } = expected;
    if (id !== null && id !== event.id) findings.add(check, where, `it is ${event.id}, and should be ${id} (${by})`);
    if (homeOffset !== null && homeOffset !== event.homeOffset)
      findings.add(check, where, `it is a copy of offset ${event.homeOffset}, and should be of ${homeOffset} (${by})`);
    if (parcel !== null && parcel !== event.parcel)
      findings.add(check, where, `it is of parcel ${event.parcel}, and should be of ${parcel} (${by})`);
  }

  /** Trimmed at home. A body that was redacted need not tell where that is: then nobody can say. */
  private isHomeGone(place: string, { event }: PlacedEvent): boolean {
    const store = storeOf(event.body);
    return store === null || event.homeOffset < this.parts.facts(placeOf(placeParts(place).tenant, `store/${store}`)).firstKept;
  }
}

function storeOf(body: Uint8Array): string | null {
  try {
    const event: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof event === "object" && event !== null && "store" in event && typeof event.store === "string" ? event.store : null;
  } catch {
    return null;
  }
}
