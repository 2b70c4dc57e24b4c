/** A full-screen view on a terminal, which is given back as it was, however the program ends. */
import { writeSync } from "node:fs";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const TO_END_OF_LINE = "\u001b[K";
const TO_END = "\u001b[J";
const STDOUT = 1;
const CTRL_C = "\u0003";

export type Screen = Disposable & {
  show(lines: readonly string[]): void;
  readonly width: number;
  readonly height: number;
};

/** What is used of `process.stdout` and `process.stdin`. `writeNow` must have written when it returns. */
export type Terminal = {
  out: Pick<NodeJS.WriteStream, "write" | "on" | "off" | "columns" | "rows">;
  keys: Pick<NodeJS.ReadStream, "isTTY" | "isRaw" | "setRawMode" | "on" | "off" | "resume" | "pause">;
  writeNow?: (text: string) => void;
};

/** `quit`: q or Ctrl-C was pressed. `resized`: show it anew. */
export function openScreen(terminal: Terminal, on: { quit: () => void; resized: () => void }): Screen {
  const { out, keys, writeNow = (text) => void writeSync(STDOUT, text) } = terminal;
  const wasRaw = keys.isRaw;
  const press = (key: Buffer): void => {
    const text = key.toString();
    if (text === "q" || text === "Q" || text.includes(CTRL_C)) on.quit();
  };
  let isOpen = true;
  // Synchronously, since this also runs while the process exits.
  const leave = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.off("exit", leave);
    out.off("resize", on.resized);
    if (keys.isTTY) {
      keys.off("data", press);
      keys.setRawMode(wasRaw);
      keys.pause();
    }
    writeNow(LEAVE);
  };
  process.on("exit", leave);
  out.on("resize", on.resized);
  if (keys.isTTY) {
    keys.setRawMode(true);
    keys.on("data", press);
    keys.resume();
  }
  out.write(ENTER);
  return {
    show: (lines) => void out.write(`${HOME}${lines.map((line) => `${line}${TO_END_OF_LINE}`).join("\r\n")}${TO_END}`),
    get width() {
      return out.columns;
    },
    get height() {
      return out.rows;
    },
    [Symbol.dispose]: leave,
  };
}
