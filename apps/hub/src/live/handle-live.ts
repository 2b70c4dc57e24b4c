import { clientNotices, driverRequests, HubError, limits, type WhoReply } from "@waybill/events";
import { handleNotice, handleRequest } from "../edge/wrapper.ts";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import { createPace } from "./pace.ts";
import { createPeople } from "./people.ts";
import { createTalk } from "./talk.ts";

/** Asking who is there, and speaking to them: the same for drivers and vendors. */
export function handleLive(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const people = createPeople(parts, identity);
  const talk = createTalk(parts, start);
  const mayPass = createPace();
  handleRequest(socket, "who", driverRequests.who.request, async (request): Promise<WhoReply> => {
    const found = people.at(await people.parties(request));
    return { outcome: "people", people: found.slice(0, limits.peopleMax), more: found.length > limits.peopleMax };
  });
  handleRequest(socket, "word", driverRequests.word.request, async (request) => {
    if (!mayPass()) throw new HubError("BUSY", `More than ${limits.livePerSecondMax} words and typings a second; wait a moment.`);
    return talk.word(request);
  });
  handleNotice(socket, "typing", clientNotices.typing, async (notice) => {
    if (mayPass()) await talk.typing(notice);
  });
}
