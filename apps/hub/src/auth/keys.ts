import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "@waybill/options";

const KEY_BYTES_MIN = 32;
const KEY_FILE = "hub.key";

/** `demo`: made by the hub for itself, in its data folder. */
export type HubKey = { secret: Uint8Array; from: "operator" | "demo" };

/**
 * The secret that signs tokens: the operator's (its text, or a file that holds it), or the one in the data folder,
 * which is made at the first start. Throws a UsageError when a key is too short or cannot be read as base64.
 */
export async function loadKey(from: { keyText?: string | undefined; keyFile?: string | undefined; dataDir: string }): Promise<HubKey> {
  if (from.keyText !== undefined) return { secret: decodeKey(from.keyText, "WAYBILL_KEY"), from: "operator" };
  if (from.keyFile !== undefined) return { secret: decodeKey(await readKeyFile(from.keyFile), from.keyFile), from: "operator" };
  const path = join(from.dataDir, KEY_FILE);
  await mkdir(from.dataDir, { recursive: true });
  const found = await readFile(path, "utf8").catch(absent);
  return { secret: decodeKey(found ?? (await makeKeyFile(from.dataDir, path)), path), from: "demo" };
}

/** Anyone on the network could read a demo key's tokens off the terminal's scrollback: it serves this machine alone. */
export function assertHostAllowed(host: string, key: HubKey): void {
  const isLoopback = host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
  if (key.from === "operator" || isLoopback) return;
  throw new UsageError(
    [`--host: ${host} is refused, for a hub without a key of its own listens on loopback only.`],
    "Give it one: openssl rand -base64 32 > waybill.key, then --key-file waybill.key",
  );
}

/** Whole or not at all, and never over another's: a hub and a `token` command may both be the first. */
export async function makeKeyFile(dataDir: string, path: string): Promise<string> {
  const draft = join(dataDir, `.${KEY_FILE}.${randomBytes(6).toString("hex")}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES_MIN).toString("base64url")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await link(draft, path).catch(exists);
  await unlink(draft);
  const folder = await open(dataDir, "r");
  await folder.sync().finally(() => folder.close());
  return readFile(path, "utf8");
}

function decodeKey(text: string, where: string): Uint8Array {
  const trimmed = text.trim();
  const secret = /^[\w+/-]+={0,2}$/.test(trimmed) ? Buffer.from(trimmed, "base64") : Buffer.alloc(0);
  if (secret.length >= KEY_BYTES_MIN) return secret;
  throw new UsageError([`The key in ${where} is not base64 of at least ${KEY_BYTES_MIN} bytes.`], "Make one: openssl rand -base64 32");
}

const readKeyFile = (path: string) =>
  readFile(path, "utf8").catch((error: unknown) => {
    throw new UsageError([`--key-file: ${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`]);
  });

const hasCode = (error: unknown, code: string) => error instanceof Error && "code" in error && error.code === code;
const absent = (error: unknown): undefined => {
  if (!hasCode(error, "ENOENT")) throw error;
};
const exists = (error: unknown): void => {
  if (!hasCode(error, "EEXIST")) throw error;
};
