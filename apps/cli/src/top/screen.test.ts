import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { openScreen, type Terminal } from "./screen.ts";

function fakeTerminal() {
  const written: string[] = [];
  const raw: boolean[] = [];
  const out = Object.assign(new EventEmitter(), { columns: 80, rows: 24, write: (text: string) => written.push(text) });
  const keys = Object.assign(new EventEmitter(), {
    isTTY: true,
    isRaw: false,
    setRawMode: (mode: boolean) => raw.push(mode),
    resume: () => {},
    pause: () => {},
  });
  const terminal = { out, keys, writeNow: (text: string) => written.push(text) } as unknown as Terminal;
  return { terminal, out, keys, written, raw };
}

test("the terminal is given back once: cursor, screen, and keys as they were", () => {
  const { terminal, out, keys, written, raw } = fakeTerminal();
  const screen = openScreen(terminal, { quit: () => {}, resized: () => {} });
  screen.show(["one", "two"]);
  expect(raw).toEqual([true]);
  screen[Symbol.dispose]();
  screen[Symbol.dispose]();
  expect(raw).toEqual([true, false]);
  expect(written).toEqual(["\u001b[?1049h\u001b[?25l", "\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J", "\u001b[?25h\u001b[?1049l"]);
  expect([out.listenerCount("resize"), keys.listenerCount("data")]).toEqual([0, 0]);
});

test("it is given back when the process exits before anybody closed it", () => {
  const { terminal, written } = fakeTerminal();
  const before = new Set(process.listeners("exit"));
  openScreen(terminal, { quit: () => {}, resized: () => {} });
  const [atExit] = process.listeners("exit").filter((listener) => !before.has(listener));
  atExit?.(0);
  expect(written.at(-1)).toContain("\u001b[?1049l");
});

test("q and Ctrl-C quit, other keys do not; a new size is shown", () => {
  const { terminal, out, keys } = fakeTerminal();
  const happened: string[] = [];
  using _screen = openScreen(terminal, { quit: () => happened.push("quit"), resized: () => happened.push("resized") });
  for (const key of ["x", "q", "\u0003"]) keys.emit("data", Buffer.from(key));
  out.emit("resize");
  expect(happened).toEqual(["quit", "quit", "resized"]);
});
