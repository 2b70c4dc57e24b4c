import type { z } from "zod";

type Requests = Record<string, { request: z.ZodType; reply: z.ZodType }>;
type Notices = Record<string, z.ZodType>;

/** What a sender of requests may emit: fully typed, and the answer is unknown until parsed. */
export type OutboundRequests<R extends Requests> = {
  [K in keyof R]: (request: z.input<R[K]["request"]>, reply: (body: unknown) => void) => void;
};
/** What a receiver of requests may assume: nothing, until it has parsed the request. */
export type InboundRequests<R extends Requests> = {
  [K in keyof R]: (request: unknown, reply: (body: z.output<R[K]["reply"]>) => void) => void;
};
export type OutboundNotices<N extends Notices> = { [K in keyof N]: (body: z.input<N[K]>) => void };
export type InboundNotices<N extends Notices> = { [K in keyof N]: (body: unknown) => void };

export type RequestOf<R extends Requests, K extends keyof R> = z.output<R[K]["request"]>;
export type ReplyOf<R extends Requests, K extends keyof R> = z.output<R[K]["reply"]>;
