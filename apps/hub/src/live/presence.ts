/**
 * Who is online, and who was: in memory alone, for a hub that stops has nobody online. A subject (whose token it is) at a place
 * (a driver, or a store) is
 *
 *   here – has one connection or more.           → gone, when the last of them goes
 *   gone – its hour is remembered.               → here, when it comes; or → forgotten, when too many others left after it
 */
import { limits, type Person } from "@waybill/events";

export type Place = { tenant: string; role: Person["role"]; id: string };
type Subject = { place: string; name: string; sockets: Map<string, number>; leftMs: number };

export type Presence = {
  /** Connections that the subject has there now, this one included. */
  came(place: Place, subject: string, socket: string, nowMs: number): number;
  /** Connections that are left of it. */
  left(place: Place, subject: string, socket: string, nowMs: number): number;
  /** Those who are there, a row for each connection, then those who were, the latest first. */
  at(place: Place): Person[];
  /** Everybody of a role by place, behind the place `after`: as many places as begin within `limits.peopleMax` rows, of each the first so many. */
  list(tenant: string, role: Person["role"], after: string): { people: Person[]; more: boolean };
};

export function createPresence(lastSeenMax: number = limits.lastSeenMax): Presence {
  const places = new Map<string, Map<string, Subject>>();
  /** In the order in which they left. */
  const gone = new Set<Subject>();
  const keyOf = ({ tenant, role, id }: Place) => `${tenant} ${role} ${id}`;

  const subjectAt = (place: string, name: string): Subject => {
    const subjects = places.get(place) ?? new Map<string, Subject>();
    places.set(place, subjects);
    const subject = subjects.get(name) ?? { place, name, sockets: new Map(), leftMs: 0 };
    subjects.set(name, subject);
    return subject;
  };

  const forget = (subject: Subject) => {
    gone.delete(subject);
    const subjects = places.get(subject.place);
    subjects?.delete(subject.name);
    if (subjects?.size === 0) places.delete(subject.place);
  };

  const at = (place: Place): Person[] => {
    const subjects = [...(places.get(keyOf(place))?.values() ?? [])];
    const { role, id } = place;
    const here = subjects.flatMap(({ name: subject, sockets }) =>
      [...sockets].map(([socket, sinceMs]) => ({ role, id, subject, online: true, socket, at: timeOf(sinceMs) })),
    );
    const left = subjects.filter(({ sockets }) => sockets.size === 0).sort((a, b) => b.leftMs - a.leftMs);
    return [...here, ...left.map(({ name: subject, leftMs }) => ({ role, id, subject, online: false, at: timeOf(leftMs) }))];
  };

  return {
    came(place, name, socket, nowMs) {
      const subject = subjectAt(keyOf(place), name);
      gone.delete(subject);
      subject.sockets.set(socket, nowMs);
      return subject.sockets.size;
    },
    left(place, name, socket, nowMs) {
      const subject = subjectAt(keyOf(place), name);
      subject.sockets.delete(socket);
      if (subject.sockets.size > 0) return subject.sockets.size;
      subject.leftMs = nowMs;
      gone.add(subject);
      const [oldest] = gone;
      if (oldest && gone.size > lastSeenMax) forget(oldest);
      return 0;
    },
    at,
    list(tenant, role, after) {
      const head = keyOf({ tenant, role, id: "" });
      const ids = [...places.keys()].flatMap((key) => (key.startsWith(head) && key > head + after ? [key.slice(head.length)] : [])).sort();
      const people: Person[] = [];
      for (const id of ids) {
        if (people.length >= limits.peopleMax) return { people, more: true };
        people.push(...at({ tenant, role, id }).slice(0, limits.peopleMax));
      }
      return { people, more: false };
    },
  };
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
