export const repository = new URL('../../..', import.meta.url).pathname;
