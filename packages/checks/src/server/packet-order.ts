import type { Connection } from 'mysql2';

/** What this needs of the driver, which has no name for it outside. */
interface Inside {
  sequenceId: number;
  _paused: boolean;
  handlePacket(packet?: { sequenceId: number }): void;
}

/**
 * Takes packets as they come, and tells of each that is out of its order: with one of them some servers say that they
 * end a connection. The driver would write a line on standard error for each, among the log's.
 */
export function tolerateDisorder(driver: Connection, onDisorder: () => void): void {
  const inside = driver as unknown as Inside;
  const handle = inside.handlePacket.bind(driver);
  inside.handlePacket = (packet) => {
    // While it is paused it keeps them for later, and takes each anew.
    if (packet && !inside._paused && packet.sequenceId !== inside.sequenceId) {
      inside.sequenceId = packet.sequenceId;
      onDisorder();
    }
    handle(packet);
  };
}
