/** Whether an error says only that the peer or this side closed. */
export function isConnectionLoss(error: unknown): boolean {
  const { errors } = Deno;
  return error instanceof errors.BrokenPipe ||
    error instanceof errors.ConnectionReset ||
    error instanceof errors.ConnectionAborted ||
    error instanceof errors.NotConnected ||
    error instanceof errors.TimedOut ||
    error instanceof errors.NetworkUnreachable ||
    error instanceof errors.UnexpectedEof ||
    error instanceof errors.Interrupted ||
    error instanceof errors.BadResource;
}
