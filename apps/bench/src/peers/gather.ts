/** What is said in one turn of the loop, for one message. */
export function gather<T>(send: (items: T[]) => void): (item: T) => void {
  let items: T[] = [];
  return (item) => {
    items.push(item);
    if (items.length > 1) return;
    setImmediate(() => {
      const gathered = items;
      items = [];
      send(gathered);
    });
  };
}
