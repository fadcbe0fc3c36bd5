import type { CustomFetch } from 'openid-client';

/** Far more than a provider has to say. */
const mostBytes = 1_000_000;

/** Asks the provider. However much it answers, it costs no more memory than that; rejects where it is more. */
export const providerFetch: CustomFetch = async (url, options) => {
  const response = await fetch(url, options as RequestInit);
  if (!response.body) return response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), response);
};
