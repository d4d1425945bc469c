// Connects with Node's own WebSocket, does what the lines of its input say, and
// tells what happens in lines of JSON.
//
//   node --experimental-websocket websocket_client.mjs URL PROTOCOL...
import { Buffer } from "node:buffer";
import process from "node:process";
import { createInterface } from "node:readline";

const [url, ...protocols] = process.argv.slice(2);
const socket = new WebSocket(url, protocols);
socket.binaryType = "arraybuffer";

function tell(event) {
  process.stdout.write(JSON.stringify(event) + "\n");
}

socket.onopen = () => tell({ open: socket.protocol });
socket.onmessage = ({ data }) =>
  tell(
    typeof data === "string"
      ? { text: data }
      : { binary: Buffer.from(data).toString("base64") },
  );

const orders = createInterface({ input: process.stdin });
orders.on("line", (line) => {
  const { text, binary, close } = JSON.parse(line);
  if (close !== undefined) socket.close(...close);
  else socket.send(text ?? Buffer.from(binary, "base64"));
});
orders.on("close", () => process.exit());

socket.onclose = ({ code, reason }) => tell({ closed: [code, reason] });
