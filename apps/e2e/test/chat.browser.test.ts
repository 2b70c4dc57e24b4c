/** The chat of examples/ in a real browser: what Socket.IO's tutorial shows, and what it cannot do. */
import { fileURLToPath } from "node:url";
import { createSupervisor, ownPort, type Supervisor } from "@waybill/testkit";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needsBrowser, openBrowser } from "../src/browser.ts";
import { startTestHub, type TestHub } from "../src/test-hub.ts";

const script = fileURLToPath(new URL("../../../examples/chat/main.ts", import.meta.url));
/** Browsers wait for the network by themselves; this is only how long a test may hang. */
const SLOW_MS = 240_000;

let browser: Browser | null;
let hub: TestHub;
let supervisor: Supervisor;
let chatUrl: string;
const hubSaid: string[] = [];
const chatSaid: string[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  if (!browser) return;
  const port = await ownPort();
  chatUrl = `http://127.0.0.1:${port}`;
  hub = await startTestHub({
    args: ["--origins", chatUrl],
    onLine: ({ msg, subject }) => void hubSaid.push(`${msg} ${subject ?? ""}`.trim()),
  });
  supervisor = createSupervisor();
  const ready = Promise.withResolvers<void>();
  supervisor.start({
    name: "chat",
    script,
    env: { ...process.env, WAYBILL_URL: hub.url, WAYBILL_DATA: hub.running.dataDir, PORT: String(port) },
    onText(text) {
      chatSaid.push(...text.trim().split("\n"));
      if (text.includes("The chat is at")) ready.resolve();
    },
  });
  await ready.promise;
}, SLOW_MS);

afterAll(async () => {
  await browser?.close();
  await supervisor?.close();
  await hub?.[Symbol.asyncDispose]();
});

/** Somebody with a browser of their own. */
async function come(name: string, viewport = { width: 1_100, height: 720 }): Promise<{ context: BrowserContext; page: Page }> {
  if (!browser) throw new Error(needsBrowser);
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(SLOW_MS);
  await page.goto(chatUrl);
  await page.fill("#name", name);
  await page.click("#enter button");
  await page.waitForSelector("#status:has-text('connected'):not(:has-text('no'))");
  return { context, page };
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill("#text", text);
  await page.press("#text", "Enter");
}

/** What stands there, in its order, once all of it is there and nothing is on its way. */
async function reads(page: Page, texts: readonly string[]): Promise<void> {
  const items = "#messages li:not(.note):not(.private)";
  await page.waitForFunction(`document.querySelectorAll("${items}").length >= ${texts.length} && !document.querySelector(".pending")`);
  expect(await page.locator(`${items} span`).allTextContents()).toEqual(texts);
}

test("who is there, who types, a private word; a laptop that was closed and a hub that was killed cost nothing", {
  timeout: SLOW_MS,
}, async ({ skip }) => {
  skip(!browser, needsBrowser);
  const ana = await come("ana");
  const ben = await come("ben");
  await ana.page.waitForSelector("#people .online:has-text('ben')");
  await ana.page.waitForSelector(".note:has-text('ben is here')");
  await expect.poll(() => hubSaid).toEqual(expect.arrayContaining(["connected ana", "connected ben"]));

  await say(ana.page, "Good morning!");
  await ben.page.locator("#text").pressSequentially("Mor");
  await ana.page.waitForSelector("#typing:has-text('ben is typing')");
  await say(ben.page, "Morning, Ana");
  const said = ["Good morning!", "Morning, Ana"];
  for (const { page } of [ana, ben]) await reads(page, said);

  const cy = await come("cy", { width: 390, height: 780 });
  await reads(cy.page, said);
  await ana.page.click("#people button:has-text('ben')");
  await say(ana.page, "Between us: cake at four");
  await ben.page.waitForSelector(".private:has-text('cake at four')");
  await ana.page.click("#only");

  // Ana closes the laptop; the others go on, and the hub dies in the middle of Ben's next sentence.
  await ana.context.setOffline(true);
  await ana.page.waitForSelector("body.away");
  await ben.page.waitForSelector(".note:has-text('ana has left')");
  await say(cy.page, "The van is loaded.");
  await reads(ben.page, [...said, "The van is loaded."]);
  await ben.page.locator("#text").pressSequentially("Then off");
  await hub.running.program.kill();
  await ben.page.waitForSelector("body.away");
  await ben.page.locator("#text").pressSequentially(" we go!");
  await ben.page.press("#text", "Enter");
  await say(ana.page, "I am in a tunnel");
  await ben.page.waitForSelector(".pending");
  await hub.running.restart();

  const meanwhile = [...said, "The van is loaded.", "Then off we go!"];
  await reads(cy.page, meanwhile);
  await ana.context.setOffline(false);
  const all = [...meanwhile, "I am in a tunnel"];
  for (const { page } of [ana, ben, cy]) await reads(page, all);
  // The page is loaded anew: what it had read it still has, and the hub sends none of it again.
  await ben.page.reload();
  await ben.page.waitForSelector("body:not(.away) .online:has-text('ana')");
  await reads(ben.page, all);

  expect(await cy.page.locator(".private").count()).toBe(0);
  await expect
    .poll(() => chatSaid)
    .toEqual(expect.arrayContaining(["ana: Good morning!", "ben: Then off we go!", "ana: I am in a tunnel"]));
  await cy.context.close();
  await ana.page.waitForSelector(".note:has-text('cy has left')");
  await expect.poll(() => hubSaid).toContain("left cy");
});
