import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cheatSheet } from "./cheat-sheet.ts";

const tests = join(import.meta.dirname, "../test");

/** Which test file quotes a line: `test(line("to-room"), …)`. Each use of a line's id, in the order of the files. */
export function quotedLines(): { id: string; file: string }[] {
  return readdirSync(tests)
    .filter((file) => /^socket-io.*\.e2e\.test\.ts$/.test(file))
    .flatMap((file) => [...readFileSync(join(tests, file), "utf8").matchAll(/\bline\("([^"]+)"\)/g)].map(([, id = ""]) => ({ id, file })));
}

const head = `# Socket.IO's cheat sheet, and Waybill

Each form of Socket.IO's [emit cheat sheet](https://socket.io/docs/v4/emit-cheatsheet/), of its rooms, namespaces and transports, and where Waybill uses it. What must not be lost goes through a queue
([PROTOCOL.md](PROTOCOL.md)); rooms carry only what may be lost. Each line has a test on a running hub, which says what *another* socket received, or did not receive.

This page is written from [cheat-sheet.ts](../apps/e2e/src/cheat-sheet.ts) by \`npm run docs -w @waybill/e2e\`; a test holds them equal, and each line to its test.
`;

/** docs/socket-io.md, whole. */
export function socketIoPage(): string {
  const fileOf = new Map(quotedLines().map(({ id, file }) => [id, file]));
  const sections = Object.entries(cheatSheet).map(([title, ofSection]) => {
    const rows = Object.entries<{ form: string; means: string; here: string }>(ofSection).map(([id, { form, means, here }]) => {
      const file = fileOf.get(id);
      return `| ${form} | ${means} | ${here} | ${file ? `[${id}](../apps/e2e/test/${file})` : "none"} |`;
    });
    return [`## ${title}`, "", "| form | means | in Waybill | test |", "|---|---|---|---|", ...rows, ""].join("\n");
  });
  return [head, ...sections].join("\n");
}
