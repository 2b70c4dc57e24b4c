/** Asks for page after page until the hub has no more; `next` says where the following one begins. */
export async function* pages<P extends { more: boolean }>(
  ask: (after: string | undefined) => Promise<P>,
  next: (page: P) => string | undefined,
): AsyncGenerator<P> {
  for (let after: string | undefined; ; ) {
    const page = await ask(after);
    yield page;
    const following = next(page);
    if (!page.more || following === undefined || following === after) return;
    after = following;
  }
}
