import { expectTypeOf, test } from "vitest";
import type { InboundNotices, InboundRequests, OutboundNotices, OutboundRequests, ReplyOf, RequestOf } from "./event-map.ts";
import type { clientNotices, driverRequests, hubNotices } from "./protocol.ts";
import type { JobReply } from "./wire/job.ts";

/** Checked by the compiler: these maps are what Socket.IO's types are derived from. */
type Requests = typeof driverRequests;

test("who sends a request is typed, and knows nothing of the answer before it is parsed", () => {
  type Take = OutboundRequests<Requests>["take"];
  expectTypeOf<Parameters<Take>[0]>().toEqualTypeOf<{ parcel: string }>();
  expectTypeOf<Parameters<Parameters<Take>[1]>[0]>().toEqualTypeOf<unknown>();
});

test("who receives a request knows nothing of it before it is parsed, and answers by the contract", () => {
  type Take = InboundRequests<Requests>["take"];
  expectTypeOf<Parameters<Take>[0]>().toEqualTypeOf<unknown>();
  expectTypeOf<Parameters<Parameters<Take>[1]>[0]>().toEqualTypeOf<JobReply>();
});

test("parsed, both sides have names", () => {
  expectTypeOf<RequestOf<Requests, "hello">>().toEqualTypeOf<{ producer: string; incarnation: number }>();
  expectTypeOf<ReplyOf<Requests, "take">>().toEqualTypeOf<JobReply>();
});

test("notices have one argument and no answer", () => {
  expectTypeOf<Parameters<InboundNotices<typeof hubNotices>["draining"]>>().toEqualTypeOf<[body: unknown]>();
  expectTypeOf<Parameters<OutboundNotices<typeof clientNotices>["credit"]>[0]>().toEqualTypeOf<{
    sub: number;
    events: number;
    bytes: number;
  }>();
});

test("a name that is not in the table is no request", () => {
  expectTypeOf<OutboundRequests<Requests>>().not.toHaveProperty("publish");
});
