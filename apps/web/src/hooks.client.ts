import type { HandleClientError } from '@sveltejs/kit/hooks';

/** How browsers say that a part of the page's code could not be fetched. */
const notFetched = /dynamically imported module|importing a module script/i;

/** Says what went wrong in place of "Internal Error": there is no server's secret to be kept in a browser. */
export const handleError: HandleClientError = ({ kind, error }) => {
  if (kind !== 'unknown') return;
  const text = error instanceof Error ? error.message : String(error);
  return {
    message: notFetched.test(text)
      ? 'This screen is not loaded yet, and the service does not answer. Open it again when the link is back.'
      : text,
  };
};
