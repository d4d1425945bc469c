// @ts-check
/// <reference lib="dom" />

/**
 * The echo page: a line to `/echo`, what to send over it, and how fast it is.
 * @module
 */

import { byId, h, setText } from "./dom.js";
import { EchoLine } from "./echo/echo_line.js";
import { FramesView } from "./echo/frames_view.js";
import { PingTimes } from "./echo/ping_times.js";
import { PingView } from "./echo/ping_view.js";

/** Between the answer to one ping and the next, in milliseconds. */
const PING_PAUSE = 500;

/** What the close codes mean to who tests a line (RFC 6455 §7.4.1). */
const CLOSE_WORDS = new Map([
  [1000, "closed as asked"],
  [1001, "the server is going away"],
  [1002, "a protocol error"],
  [1006, "lost without a goodbye, or never opened"],
  [1009, "the message is too big for the server"],
  [1011, "the server failed"],
]);

const url = new URL("echo", location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";

const status = byId("echo-status", HTMLElement);
const word = h("span", {}, "Not connected");
const reason = byId("echo-reason", HTMLElement);
const toggle = byId("echo-toggle", HTMLButtonElement);
const text = byId("echo-text", HTMLTextAreaElement);
const file = byId("echo-file", HTMLInputElement);
const fileProblem = byId("echo-file-problem", HTMLElement);
const pingToggle = byId("ping-toggle", HTMLButtonElement);
const needOpen = [
  byId("echo-text-send", HTMLButtonElement),
  byId("echo-file-send", HTMLButtonElement),
  pingToggle,
];

const frames = new FramesView();
const pingView = new PingView();
let times = new PingTimes();
let pinging = false;
let pingCount = 0;
/** @type {string | undefined} */
let ping;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pingTimer;

/** @type {import("./echo/echo_line.js").Phase} */
let phase = "closed";

const line = new EchoLine(url.href, {
  onPhase: (next) => {
    phase = next;
    if (phase === "open") frames.addNote("Connected");
    if (phase === "closed") stopPing();
    render();
  },
  onEcho: (echo) => {
    if (ping === undefined || echo.answer?.sent !== ping) {
      frames.addReceived(echo);
      return;
    }
    ping = undefined;
    times = times.add(echo.answer.time);
    pingView.render(times);
    if (pinging) pingTimer = setTimeout(sendPing, PING_PAUSE);
  },
  onClose: (code, serverReason) => {
    const words = [
      `Closed with ${code}`,
      CLOSE_WORDS.get(code) ?? "",
      serverReason === "" ? "" : `“${serverReason}”`,
    ].filter((part) => part !== "").join(": ");
    frames.addNote(words);
    setText(reason, `${words}.`);
    reason.hidden = code === 1000;
  },
});

function render() {
  status.dataset.phase = phase;
  setText(
    word,
    { closed: "Not connected", connecting: "Connecting…", open: "Connected" }[
      phase
    ],
  );
  setText(toggle, phase === "closed" ? "Connect" : "Disconnect");
  toggle.classList.toggle("button-primary", phase === "closed");
  if (phase !== "closed") reason.hidden = true;
  for (const button of needOpen) button.disabled = phase !== "open";
  setText(pingToggle, pinging ? "Stop" : "Start");
}

function sendPing() {
  ping = `ping ${++pingCount}`;
  line.send(ping);
}

function stopPing() {
  clearTimeout(pingTimer);
  pinging = false;
  ping = undefined;
}

/** @param {File} chosen */
async function sendFile(chosen) {
  let bytes;
  try {
    bytes = new Uint8Array(await chosen.arrayBuffer());
  } catch {
    showFileProblem("This file cannot be read any more; choose it again.");
    return;
  }
  if (line.send(bytes)) frames.addSent(bytes, chosen.name);
}

/** @param {string} [problem] */
function showFileProblem(problem) {
  setText(fileProblem, problem ?? "");
  fileProblem.hidden = problem === undefined;
}

toggle.addEventListener("click", () => {
  if (phase === "closed") line.open();
  else line.close();
});

byId("echo-text-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  if (line.send(text.value)) frames.addSent(text.value);
  text.focus();
});

text.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  if (line.send(text.value)) frames.addSent(text.value);
});

byId("echo-file-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = file.files?.[0];
  showFileProblem(chosen === undefined ? "Choose a file first." : undefined);
  if (chosen !== undefined) sendFile(chosen);
});

pingToggle.addEventListener("click", () => {
  if (pinging) {
    stopPing();
  } else {
    pinging = true;
    times = new PingTimes();
    sendPing();
  }
  render();
});

byId("echo-clear", HTMLButtonElement)
  .addEventListener("click", () => frames.clear());

status.append(h("span", { class: "lamp", "aria-hidden": "true" }), word);
setText(byId("echo-url", HTMLElement), url.href);
render();
