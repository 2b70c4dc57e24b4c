import { UsageError } from "@waybill/options";
import { expect, test } from "vitest";
import { hubOptions } from "../options.ts";
import { capsSettings } from "./caps-edge.ts";
import { assertCapsHostAllowed } from "./caps-host.ts";

test.each([
  "127.0.0.1",
  "localhost",
  "::1",
  "10.1.2.3",
  "192.168.0.7",
  "172.16.0.1",
  "172.31.9.9",
  "169.254.1.1",
  "fd12:3456::1",
  "fe80::1",
])("%s is for this machine, or for a private network", (host) => {
  expect(() => assertCapsHostAllowed(host, false)).not.toThrow();
});

test.each(["0.0.0.0", "::", "172.32.0.1", "172.15.0.1", "11.0.0.1", "8.8.8.8", "2001:db8::1", "example.org", "10.evil.example", ""])(
  "%j is refused without --caps-public",
  (host) => {
    expect(() => assertCapsHostAllowed(host, false)).toThrow(UsageError);
    expect(() => assertCapsHostAllowed(host, true)).not.toThrow();
  },
);

const settings = (options: object) => capsSettings(hubOptions.options.parse(options));

test("old clients are served when a port and stores are named, and not otherwise", () => {
  expect(settings({})).toBeNull();
  expect(settings({ capsPort: 3_001, capsStores: ["acme", "acme"] })).toMatchObject({ host: "127.0.0.1", port: 3_001, stores: ["acme"] });
  expect(() => settings({ capsPort: 3_001 })).toThrow(/no store is named/);
  expect(() => settings({ capsStores: ["acme"] })).toThrow(/without --caps-port/);
  expect(() => settings({ capsPort: 3_001, capsStores: ["acme"], capsDialect: ["/caps", "/caps:a:b:c"] })).toThrow(/two dialects/);
});
