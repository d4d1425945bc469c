const FOLDER = new URL("../tls/", import.meta.url);

/** A certificate for `localhost` and its key; for tests only. */
export const PAIR = {
  cert: Deno.readTextFileSync(new URL("cert.pem", FOLDER)),
  key: Deno.readTextFileSync(new URL("key.pem", FOLDER)),
} as const;

/** A key that belongs to no certificate. */
export const OTHER_KEY: string = Deno.readTextFileSync(
  new URL("other_key.pem", FOLDER),
);

/** Connects with TLS, and passes the handshake. */
export async function connectTls(
  port: number,
  alpnProtocols: string[] = [],
): Promise<Deno.TlsConn> {
  const conn = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [PAIR.cert],
    alpnProtocols,
  });
  try {
    await conn.handshake();
  } catch (error) {
    conn.close();
    throw error;
  }
  return conn;
}
