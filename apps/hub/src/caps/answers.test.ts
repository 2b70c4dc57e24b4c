import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import { expect, test } from "vitest";
import type { SocketEdge } from "../edge/socket-edge.ts";
import { createAnswers } from "./answers.ts";

test("a hub that cannot read its data refuses what an old client says to be said again, never for good", async () => {
  const told: unknown[] = [];
  const faults: unknown[] = [];
  const report = { requestRefused: () => {}, warn: () => {}, fault: (_: string, error: unknown) => void faults.push(error) };
  const edge = { report, tooFast: () => null } as unknown as SocketEdge;
  const emit = (_: string, error: unknown) => void told.push(error);
  const socket = { connected: true, nsp: { name: "/caps" }, conn: { remoteAddress: "" }, emit } as unknown as Socket;
  const answers = createAnswers(socket, edge);
  const damaged = new HubError("DATA_DAMAGED", "A page does not read.");
  answers.inTurn(
    "in-transit",
    (reply) => void told.push(reply),
    () => Promise.reject(damaged),
  );
  await answers.settled();
  const error = { code: "STORAGE_FAILED", retry: "backoff" };
  expect(told).toMatchObject([
    { ...error, about: "in-transit" },
    { outcome: "refused", error },
  ]);
  expect(faults).toEqual([damaged]);
});
