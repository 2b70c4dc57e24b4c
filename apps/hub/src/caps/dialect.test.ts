import { expect, test } from "vitest";
import { parseDialect, wordOf } from "./dialect.ts";

const usual = parseDialect("/caps");

test.each([
  ["pickup", "pickup"],
  ["PICKUP", "pickup"],
  ["PICK-UP", "pickup"],
  ["in-transit", "in-transit"],
  ["IN_TRANSIT", "in-transit"],
  ["inTransit", "in-transit"],
  ["In transit", "in-transit"],
  ["delivered", "delivered"],
  ["DELIVERED", "delivered"],
  ["join", "join"],
  ["JOIN", "join"],
  ["join-room", "join"],
  ["getAll", "get-all"],
  ["getall", "get-all"],
  ["GET_ALL", "get-all"],
  ["get-all", "get-all"],
  ["GET_MESSAGES", "get-all"],
  ["received", "received"],
  ["RECEIVED", "received"],
  ["recieved", "received"],
  ["Package delivered", null],
  ["constructor", null],
  ["__proto__", null],
  ["", null],
])("%s is heard as %s", (name, word) => {
  expect(wordOf(usual, name)).toBe(word);
});

test("a dialect names a namespace, and what its clients listen to", () => {
  expect(usual).toEqual({ namespace: "/caps", names: { pickup: "pickup", "in-transit": "in-transit", delivered: "delivered" } });
  expect(parseDialect("/")).toMatchObject({ namespace: "/" });
  const shipping = parseDialect("/shipping:PACKAGE READY:IN_TRANSIT:DELIVERED");
  expect(shipping).toEqual({
    namespace: "/shipping",
    names: { pickup: "PACKAGE READY", "in-transit": "IN_TRANSIT", delivered: "DELIVERED" },
  });
  expect(wordOf(shipping, "PACKAGE READY")).toBe("pickup");
});

test.each(["caps", "/caps:pickup", "/caps:a:b", "/a b", "/caps:a:a:b", "/caps:connect:b:c", "/caps:a:error:c", "/caps/x", ""])(
  "%j is no dialect",
  (text) => {
    expect(() => parseDialect(text)).toThrow(/--caps-dialect/);
  },
);
