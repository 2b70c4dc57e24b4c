import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentIds } from "./recent-ids.ts";

const MAX = 40;
const bytesOf = (id: string): Uint8Array => Buffer.from(id);

function add(ids: RecentIds, id: string, offset: number): void {
  const bytes = bytesOf(`<${id}>`);
  ids.add(bytes, 1, bytes.length - 1, { place: `default/store/${offset}`, offset });
}

/** `null`: it is not among them. */
function look(ids: RecentIds, id: string): { place: string; offset: number } | null {
  const bytes = bytesOf(id);
  const slot = ids.find(bytes, 0, bytes.length);
  return slot < 0 ? null : { place: ids.place(slot), offset: ids.offset(slot) };
}

test("[P7] ids are known as by a map that forgets its oldest, however many and however long they are", () => {
  const id = fc.oneof(fc.nat({ max: 3 * MAX }).map(String), fc.string({ unit: "binary", maxLength: 90 }));
  fc.assert(
    fc.property(fc.array(id, { minLength: 1, maxLength: 6 * MAX }), (published) => {
      const ids = new RecentIds(MAX);
      const model = new Map<string, number>();
      for (const [offset, one] of published.entries()) {
        expect(look(ids, one)?.offset).toBe(model.get(one));
        if (model.has(one)) continue;
        add(ids, one, offset);
        model.set(one, offset);
        if (model.size > MAX) model.delete([...model.keys()][0] ?? "");
      }
      for (const one of published) {
        const offset = model.get(one);
        expect(look(ids, one)).toEqual(offset === undefined ? null : { place: `default/store/${offset}`, offset });
      }
      expect(ids.count).toBe(model.size);
    }),
  );
});

test("those of a start stand behind those that were read, and the oldest of both give way first", () => {
  const [read, tail] = [new RecentIds(MAX), new RecentIds(MAX)];
  for (let n = 0; n < MAX; n++) add(read, `read-${n}`, n);
  for (let n = 0; n < MAX + 10; n++) if (n >= 20) add(tail, `tail-${n}`, n);
  read.addAll(tail);
  expect([look(read, "read-29"), look(read, "read-30")?.offset, look(read, "tail-49")?.offset]).toEqual([null, 30, 49]);
  add(read, "next", 100);
  expect([look(read, "read-30"), look(read, "read-31")?.offset, look(read, "next")?.offset]).toEqual([null, 31, 100]);
});

test("[P7] an id is not taken for another of the same hash: its event would be lost", () => {
  const ids = new RecentIds(MAX);
  add(ids, "e6n1g28957", 1);
  expect([look(ids, "e4kwq61146"), look(ids, "e6n1g28957")?.offset]).toEqual([null, 1]);
  add(ids, "e4kwq61146", 2);
  expect([look(ids, "e6n1g28957")?.offset, look(ids, "e4kwq61146")?.offset]).toEqual([1, 2]);
});
