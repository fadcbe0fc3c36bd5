// The page is a client of the service that serves it: nothing is rendered ahead of time.
export const ssr = false;
