/** The opcodes of RFC 6455 §5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One of the opcodes of RFC 6455 §5.2. */
export type Opcode = typeof OPCODE[keyof typeof OPCODE];

/**
 * The close codes of RFC 6455 §7.4.1 and of the registry it opened.
 *
 * `noStatus` and `abnormal` are never on the wire: they say that a Close frame
 * had no code, and that the connection ended without a Close frame.
 */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
} as const;

/**
 * Whether a close code may stand in a Close frame: 1000 to 1003, 1007 to 1014
 * (RFC 6455 §7.4.1 and the registry), and 3000 to 4999 (§7.4.2).
 */
export function isSendableCloseCode(code: number): boolean {
  return Number.isInteger(code) &&
    (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006) ||
      code >= 3000 && code <= 4999);
}
