// @ts-check
/// <reference lib="dom" />

/**
 * The first screen: who are you, and which room.
 * @module
 */

import { byId, h, setProblem, setText } from "../../dom.js";
import { LabelField } from "./label_field.js";

/** @import { Problems, State } from "../state.js" */
/** @import { Entrance } from "../session.js" */

/**
 * @typedef {object} EntryActions
 * @property {(wish: Entrance) => void} enter
 * @property {(place: { room: string, invite?: string }) => void} signIn at the
 * site that makes tokens
 * @property {(field: keyof Problems) => void} correct
 */

/** How one comes in. */
const MODES = /** @type {const} */ ({
  guest: "Join the room",
  login: "Log in",
  register: "Register",
});

/** The form with its fields. */
export class EntryView {
  #screen = byId("entry", HTMLElement);
  #submit = byId("entry-submit", HTMLButtonElement);
  #modes = byId("entry-modes", HTMLElement);
  #password = byId("entry-password", HTMLInputElement);
  #passwordBox = byId("entry-password-box", HTMLElement);
  #passwordNote = byId("entry-password-problem", HTMLElement);
  #code = byId("entry-code", HTMLInputElement);
  #codeBox = byId("entry-code-box", HTMLDetailsElement);
  #codeNote = byId("entry-code-problem", HTMLElement);
  #problem = byId("entry-problem", HTMLElement);
  #form = byId("entry-form", HTMLFormElement);
  #signIn = byId("entry-sign-in", HTMLButtonElement);
  #name;
  #room;
  /** @type {keyof typeof MODES} */
  #mode = "guest";
  /** @type {State["server"] | undefined} */
  #server;
  /** @type {{ room: string, invite: string } | undefined} */
  #invitation;

  /** @param {EntryActions} actions */
  constructor(actions) {
    this.#name = new LabelField("entry-name", {
      emptyProblem: "Choose a name, so that the others know who is talking.",
      onCorrect: () => actions.correct("name"),
    });
    this.#room = new LabelField("entry-room", {
      emptyProblem: "Name a room to meet in.",
      onCorrect: () => actions.correct("room"),
    });
    this.#password.addEventListener("input", () => actions.correct("password"));
    this.#code.addEventListener("input", () => actions.correct("code"));
    for (const input of this.#modes.querySelectorAll("input")) {
      input.addEventListener("change", () => {
        this.#setMode(/** @type {keyof typeof MODES} */ (input.value));
        actions.correct("password");
        actions.correct("entry");
      });
    }
    this.#signIn.addEventListener("click", () => {
      const room = this.#room.value.trim();
      actions.signIn({ room, ...this.#inviteTo(room) });
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wish = this.#wish();
      if (wish !== undefined) actions.enter(wish);
    });
  }

  /**
   * Fills the fields in before they are shown.
   *
   * @param {{ name: string, room: string, invited: boolean, invite?: string | undefined }} wish
   * `invited`: the room came with a link
   */
  fill({ name, room, invited, invite }) {
    this.#name.value = name;
    this.#room.value = room;
    this.#invitation = invite === undefined ? undefined : { room, invite };
    if (!invited) return;
    // A link may name any room, one with a bidi override too: it must not turn
    // the words around it.
    byId("entry-lead", HTMLElement).replaceChildren(
      "You are invited to “",
      h("bdi", {}, room),
      "”. Choose a name and come in.",
    );
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const { stage, entering, server, problems, me } = state;
    this.#screen.hidden = stage !== "entry";
    if (stage !== "entry") return;
    this.#name.limit = server.limits.name ?? Infinity;
    this.#room.limit = server.limits.room ?? Infinity;
    if (server !== this.#server) this.#takeServer(server, state.account);
    if (problems !== previous?.problems || previous.stage !== stage) {
      this.#showProblems(problems);
    }
    setText(
      this.#submit,
      !entering ? MODES[this.#mode] : me ? "Joining…" : "Connecting…",
    );
    if (previous?.stage !== "entry") this.#focus(problems);
    else if (problems.name !== previous.problems.name) this.#name.focus();
    else if (problems.room !== previous.problems.room) this.#room.focus();
    else if (problems.password !== previous.problems.password) {
      this.#password.focus();
    }
  }

  /** @returns {Entrance | undefined} */
  #wish() {
    const room = this.#room.take();
    const needsPassword = this.#mode !== "guest";
    const password = this.#password.value;
    if (needsPassword && password === "") {
      setProblem(this.#password, this.#passwordNote, "Write the password.");
      this.#password.focus();
    }
    // Last, so that the focus goes to the uppermost field that is wrong.
    const name = this.#name.take();
    if (name === undefined || room === undefined) return undefined;
    if (needsPassword && password === "") return undefined;
    return {
      name,
      room,
      password: needsPassword ? password : undefined,
      register: this.#mode === "register",
      code: this.#code.value.trim() || undefined,
      ...this.#inviteTo(room),
    };
  }

  /** @param {string} room */
  #inviteTo(room) {
    const invitation = this.#invitation;
    return invitation?.room === room ? { invite: invitation.invite } : {};
  }

  /**
   * @param {State["server"]} server
   * @param {boolean} account whether the person had one
   */
  #takeServer(server, account) {
    const before = this.#server;
    this.#server = server;
    const { identity, guests, registration, login } = server;
    const isKnown = identity === before?.identity && login === before.login &&
      guests === before.guests && registration === before.registration;
    // Each connection says it again; what the person has chosen stays.
    if (isKnown) return;
    const hasAccounts = identity === "accounts";
    this.#modes.hidden = !hasAccounts;
    for (const input of this.#modes.querySelectorAll("input")) {
      const isOffered = input.value === "guest"
        ? guests
        : input.value === "login" || registration;
      input.closest("label")?.toggleAttribute("hidden", !isOffered);
    }
    const isNew = !account && guests;
    this.#setMode(hasAccounts && !isNew ? "login" : "guest");
    byId("entry-token", HTMLElement).hidden = identity !== "jwt";
    this.#form.hidden = identity === "jwt" && !guests;
    if (identity !== "jwt") return;
    this.#signIn.hidden = login === undefined;
    if (login !== undefined) {
      setText(this.#signIn, `Sign in at ${new URL(login).host}`);
    }
    setText(byId("entry-token-hint", HTMLElement), tokenHint(server));
    // One way in stands out.
    this.#submit.classList.toggle("button-primary", login === undefined);
    const lead = byId("entry-lead", HTMLElement);
    const isInvited = lead.querySelector("bdi") !== null;
    if (this.#form.hidden && !isInvited) {
      setText(
        lead,
        "A room for you and your friends. Sign in, open a room, send the link.",
      );
    }
    if (this.#form.hidden) this.#signIn.focus();
  }

  /** @param {keyof typeof MODES} mode */
  #setMode(mode) {
    this.#mode = mode;
    for (const input of this.#modes.querySelectorAll("input")) {
      input.checked = input.value === mode;
    }
    this.#passwordBox.hidden = mode === "guest";
    this.#codeBox.hidden = mode !== "register";
    this.#password.autocomplete = mode === "register"
      ? "new-password"
      : "current-password";
    setText(
      byId("entry-password-hint", HTMLElement),
      mode === "register" ? "At least 8 characters." : "",
    );
    setText(this.#submit, MODES[mode]);
  }

  /** @param {Problems} problems */
  #showProblems({ name, room, password, code, entry }) {
    this.#name.showProblem(name);
    this.#room.showProblem(room);
    setProblem(this.#password, this.#passwordNote, password);
    setProblem(this.#code, this.#codeNote, code);
    if (code !== undefined) this.#codeBox.open = true;
    // Where there are no fields, what is wrong with one is told here.
    const problem = entry ?? (this.#form.hidden ? name ?? room : undefined);
    setText(this.#problem, problem ?? "");
    this.#problem.hidden = problem === undefined;
  }

  /** @param {Problems} problems */
  #focus({ name, room }) {
    if (this.#form.hidden) this.#signIn.focus();
    else if (name !== undefined || this.#name.value === "") this.#name.focus();
    else if (!this.#passwordBox.hidden) this.#password.focus();
    else if (room !== undefined || this.#room.value === "") this.#room.focus();
    else this.#submit.focus();
  }
}

/**
 * @param {State["server"]} server
 * @returns {string}
 */
function tokenHint({ guests, login }) {
  if (login === undefined) {
    return guests
      ? "If you have an account, come in from the site that this chat belongs to."
      : "Come in from the site that this chat belongs to: it says who you are.";
  }
  return guests ? "Or come in as a guest:" : "";
}
