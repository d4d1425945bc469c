// npm:permessage-deflate, an extension that npm:faye-websocket takes.

declare const deflate: unknown;

export default deflate;
