/** How many answers the page waits for. */
export const awaited = $state({ count: 0 });
