import { foreignText } from './foreign-text.ts';

/** The version in the first packet that a server sends, before anybody logs in; null where it is not all there. */
export function greetedVersion(packet: Buffer): string | null {
  const [protocol, begin] = [4, 5];
  const end = packet.indexOf(0, begin);
  return packet[protocol] === 10 && end > begin ? foreignText(packet.toString('latin1', begin, end)) : null;
}
