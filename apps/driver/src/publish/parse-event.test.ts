import { HubError } from "@waybill/events";
import { describe, expect, test } from "vitest";
import { parseEvent } from "./parse-event.ts";

const at = "2026-03-01T08:00:00+01:00";
const refusal = (text: string): HubError => {
  try {
    parseEvent(text, at);
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
  throw new Error(`not refused: ${text}`);
};

test("id, at and data may be left out", () => {
  const event = parseEvent('{"type":"delivered","store":"acme-widgets","parcel":"P-1"}', at);
  expect(event).toEqual({
    type: "delivered",
    store: "acme-widgets",
    parcel: "P-1",
    at,
    data: {},
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test("what the line says is kept", () => {
  const line = { id: "e-1", type: "pickup", store: "acme-widgets", parcel: "P-1", at: "2026-03-01T07:00:00Z", data: { items: 2 } };
  expect(parseEvent(JSON.stringify(line), at)).toEqual(line);
});

describe("a bad line is refused with its reason", () => {
  test("not JSON", () => expect(refusal("{oops").code).toBe("INVALID_MESSAGE"));
  test("not an object", () => expect(refusal("[1,2]").code).toBe("INVALID_MESSAGE"));
  test("no type", () => expect(refusal('{"store":"acme"}').issues).toEqual([{ path: "type", message: expect.any(String) }]));
  test("a type that nobody knows", () => expect(refusal('{"type":"eaten"}').code).toBe("UNKNOWN_TYPE"));
  test("a type of Object.prototype", () => expect(refusal('{"type":"constructor"}').code).toBe("UNKNOWN_TYPE"));
  test("a type that drivers do not publish", () => expect(refusal('{"type":"claimed"}').message).toContain("delivered"));
  test("wrong fields: each path is named", () => {
    const error = refusal('{"type":"pickup","store":"NOT A STORE","parcel":"P-1","data":{"items":0},"colour":"red"}');
    expect(error.code).toBe("INVALID_EVENT");
    expect(error.issues.map((issue) => issue.path).sort()).toEqual(["", "data.items", "store"]);
  });
  test("too large", () => {
    const extra = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`field${i}`, "x".repeat(1_000)]));
    expect(refusal(JSON.stringify({ type: "pickup", store: "acme", parcel: "P-1", data: { extra } })).code).toBe("EVENT_TOO_LARGE");
  });
});
