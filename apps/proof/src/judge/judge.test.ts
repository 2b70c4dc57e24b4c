/** The judge must be able to fail: each planted history or damage is found. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { unpackFixture } from "../upgrade/fixtures.ts";
import { decodeLines, encodeLine, type HistoryLine } from "../workload/operation.ts";
import { RecordedStorage } from "../workload/recorded-storage.ts";
import { scriptNames, scripts } from "../workload/scripts.ts";
import { judge } from "./judge.ts";

async function ran(name: keyof typeof scripts): Promise<{ folder: string; history: HistoryLine[] }> {
  const root = mkdtempSync(join(tmpdir(), "waybill-judge-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [folder, history] = [join(root, "data"), join(root, "history")];
  if (name === "migrate") unpackFixture(1, { folder, history });
  const recorded = await RecordedStorage.open(folder, history);
  await scripts[name](recorded);
  await recorded.close();
  return { folder, history: decodeLines(readFileSync(history, "utf8")) };
}
const last = (history: readonly HistoryLine[]): number => history.at(-1)?.n ?? 0;
const commit = (n: number): HistoryLine => ({
  n,
  nowMs: 2_000_000,
  intent: {
    do: "commit",
    items: [
      {
        tenant: "default",
        from: { kind: "hub" },
        number: 0,
        home: "store/a",
        id: "ghost",
        type: "message",
        parcel: "p1",
        body: Buffer.from("{}"),
        copies: [],
      },
    ],
    progress: [],
  },
});

test.each(scriptNames)("%s: a run that was not broken is judged clean", async (name) => {
  const { folder, history } = await ran(name);
  expect(await judge(folder, history)).toEqual({ violations: [], confirmedEvents: expect.any(Number) });
});

test("an event that was told stored and is not there is lost; one that was only intended is not", async () => {
  const { folder, history } = await ran("publish");
  const n = last(history) + 1;
  expect((await judge(folder, [...history, commit(n)])).violations).toEqual([]);
  const told: HistoryLine = { n, told: true, outcomes: ["stored"] };
  const { violations } = await judge(folder, [...history, commit(n), told]);
  expect(violations).toEqual([{ kind: "lost", what: expect.stringContaining("store/a") }]);
});

test("what is there and was never intended is found, and so is what was stored otherwise", async () => {
  const { folder, history } = await ran("ack");
  const without = history.filter(({ n }) => n !== 3);
  expect((await judge(folder, without)).violations).toEqual([expect.objectContaining({ kind: "lost" })]);
});

test("progress that was told and went back is found", async () => {
  const { folder, history } = await ran("ack");
  const db = new DatabaseSync(join(folder, "waybill.db"));
  db.exec("UPDATE subscription SET cursor = 3, offered_to = 3");
  db.close();
  expect((await judge(folder, history)).violations).toEqual([{ kind: "lost", what: expect.stringContaining("store/a main progress") }]);
});

test("a damaged folder, an epoch given out twice and a folder of another id are found", async () => {
  const { folder, history } = await ran("open");
  const db = new DatabaseSync(join(folder, "waybill.db"));
  db.exec("UPDATE meta SET value = 1 WHERE name = 'epoch'");
  db.close();
  expect((await judge(folder, history)).violations).toContainEqual({ kind: "lost", what: "epoch 2 was given out, and epoch 2 again" });
  const others = history.map((line) =>
    "told" in line && line.storageId !== undefined ? { ...line, storageId: "another", epoch: 1 } : line,
  );
  expect((await judge(folder, others)).violations).toContainEqual(
    expect.objectContaining({ what: expect.stringContaining("the folder's id was another") }),
  );
  const again = new DatabaseSync(join(folder, "waybill.db"));
  again.exec("DELETE FROM tail WHERE seq = 1");
  again.close();
  expect((await judge(folder, history)).violations[0]?.kind).toBe("damaged");
});

test("a history comes back as it was, its bytes too; a line that was torn by a kill is no line", () => {
  const lines = [commit(2), { n: 2, told: true, outcomes: ["stored"] }] satisfies HistoryLine[];
  const text = lines.map(encodeLine).join("");
  expect(decodeLines(`${text}{"n":3,"to`).map(encodeLine).join("")).toBe(text);
});
