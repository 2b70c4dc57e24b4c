/** What is live: told while it happens, kept nowhere, and lost where somebody is away. */
import { HubError, type Person, type Typing, toIssues, typingSchema, type Who, type Word } from "@waybill/events";
import { askUntil } from "./ask-until.ts";
import type { Connection } from "./connection.ts";
import { LIVE_SINCE, type Link } from "./link.ts";
import type { Announcer } from "./listeners.ts";

export class Live {
  readonly #connection: Connection;
  readonly #announcer: Announcer;

  constructor(connection: Connection, announcer: Announcer) {
    this.#connection = connection;
    this.#announcer = announcer;
  }

  async who(about: Who): Promise<{ people: readonly Person[]; more: boolean }> {
    const { people, more } = await askUntil(this.#connection, async (link) => able(link, "who").request("who", about));
    return { people, more };
  }

  /** Asked once: a word that is repeated is said twice. */
  async word(word: Word): Promise<"heard" | "sent"> {
    const { link, status } = this.#connection;
    if (status === "closed") throw new HubError("CLOSED", "The client was closed; nobody can be spoken to any more.");
    if (link === null) throw new HubError("TIMED_OUT", "There is no connection to the hub now: the word was not sent.");
    return (await able(link, "word").request("word", word)).outcome;
  }

  typing(typing: Typing): void {
    const parsed = typingSchema.safeParse(typing);
    if (!parsed.success)
      throw new HubError("INVALID_MESSAGE", "This `typing` breaks its schema.", { issues: toIssues(parsed.error), cause: parsed.error });
    const { link } = this.#connection;
    if (link === null) return;
    // Which hub is there changes under a program that types: it is told, not interrupted.
    if (isAble(link)) link.notifyVolatile("typing", parsed.data);
    else this.#announcer.announce("error", tooOld(link, "typing"));
  }
}

const isAble = (link: Link): boolean => link.welcome.protocol >= LIVE_SINCE;

function able(link: Link, name: string): Link {
  if (isAble(link)) return link;
  throw tooOld(link, name);
}

const tooOld = ({ welcome }: Link, name: string): HubError =>
  new HubError(
    "UNSUPPORTED_PROTOCOL",
    `This hub speaks version ${welcome.protocol} of the wire, and \`${name}\` came with version ${LIVE_SINCE}: update the hub.`,
  );
