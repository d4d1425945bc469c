import type { Upgraded } from "../upgraded.ts";
import type { Role } from "./frame_parser.ts";

/**
 * Drops what the peer still sends until it ends, and closes: closing at once
 * would reset the connection and destroy the Close frame on its way.
 */
export async function linger(
  io: Upgraded,
  { role, ended }: { role: Role; ended: boolean },
): Promise<void> {
  try {
    if (!ended) {
      // RFC 6455 §7.1.1: the server closes TCP first; the client waits for it.
      if (role === "server") await io.closeWrite();
      const dropped = new Uint8Array(0x1000);
      while (await io.read(dropped) !== null);
    }
  } catch {
    // The peer reset the connection, or its time is over.
  }
  io[Symbol.dispose]();
}
