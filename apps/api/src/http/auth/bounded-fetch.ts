import type { CustomFetch } from 'openid-client';

/** As `fetch`, for whoever reads answers whole: to read on beyond so many bytes fails. */
export function boundedFetch(mostBytes: number): CustomFetch {
  return async (url, options) => {
    const response = await fetch(url, options as RequestInit);
    let bytes = 0;
    const bounded = response.body?.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(part, out) {
          bytes += part.length;
          if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`);
          out.enqueue(part);
        },
      }),
    );
    return new Response(bounded ?? null, response);
  };
}
