/**
 * Answers to commits, several in one range of bytes: of each its job's id, and the length of its outcomes with them behind it (0: it had no
 * items). Whatever else is answered goes as a message.
 */
import type { Reply } from "../protocol.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/** `null`: one of them is no commit's, or a failure. */
export function encodeReplies(replies: readonly Reply[]): Buffer | null {
  const out = new ByteWriter(replies.length * 64);
  for (const reply of replies) {
    if ("failure" in reply) return null;
    const { id, value } = reply;
    if (value !== null && !(value instanceof Uint8Array)) return null;
    out.varint(id);
    out.varint(value?.length ?? 0);
    if (value !== null) out.raw(value);
  }
  return out.written();
}

export function decodeReplies(bytes: Buffer): Reply[] {
  const reader = new ByteReader(bytes);
  const replies: Reply[] = [];
  while (reader.at < bytes.length) {
    const id = reader.varint();
    const length = reader.varint();
    reader.at += length;
    replies.push({ id, value: length === 0 ? null : bytes.subarray(reader.at - length, reader.at) });
  }
  return replies;
}
