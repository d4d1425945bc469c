/** What can be chosen about a chat. */
export interface ChatConfig {
  /** Who makes rooms. Default: everybody. */
  readonly createRooms?: "everybody" | "owner";
  /** The largest file that is taken, in bytes. Default: 0, no uploads. */
  readonly upload?: number;
  /** The most members that are listed; of more there is a count. Default: 200. */
  readonly presenceListMax?: number;
  /** The least milliseconds between two `presence` of a room. Default: 100. */
  readonly presenceInterval?: number;
  /** The same, where there is a count only. Default: 1,000. */
  readonly countInterval?: number;
  /** How many seconds without a request make a person away. Default: 300. */
  readonly awayAfter?: number;
  /** How many seconds there are to say who one is. Default: 30. */
  readonly helloTimeout?: number;
  /** The page that makes tokens, where people come with one. Default: none. */
  readonly loginUrl?: string | undefined;
}

/** What is chosen if nothing else is. */
export const CHAT_DEFAULTS: Required<ChatConfig> = {
  createRooms: "everybody",
  upload: 0,
  presenceListMax: 200,
  presenceInterval: 100,
  countInterval: 1000,
  awayAfter: 300,
  helloTimeout: 30,
  loginUrl: undefined,
};
