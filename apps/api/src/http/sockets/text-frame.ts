import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Wire } from './socket.ts';

const finalText = 0x81;

/**
 * A WebSocket message as a server sends it (RFC 6455, 5.2): a text, which lies in parts. The library writes head and
 * text apart, each time; this is written in one go, and as often as there are sockets that are told the same.
 */
export function textFrame(parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = finalText;
  frame[1] = head === 2 ? length : head === 4 ? 126 : 127;
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  let at = head;
  for (const part of parts) at += part.copy(frame, at);
  return frame;
}

/** A socket to whose stream whole frames are written; the library, which compresses nothing here, keeps none back. */
export function framing(socket: WebSocket, stream: Duplex): WebSocket & Wire {
  return Object.assign(socket, {
    sendParts: (parts: readonly Buffer[], sent?: () => void) => void stream.write(textFrame(parts), sent),
  });
}
