// @ts-check
/// <reference lib="dom" />

/**
 * The figures and the chart of the ping times.
 * @module
 */

import { byId, setText, svgElement } from "../dom.js";
import { formatTime, KEPT_TIMES } from "./ping_times.js";

const WIDTH = 240;
const HEIGHT = 48;

/** Shows a series of times. */
export class PingView {
  #last = byId("ping-last", HTMLElement);
  #min = byId("ping-min", HTMLElement);
  #average = byId("ping-avg", HTMLElement);
  #max = byId("ping-max", HTMLElement);
  #chart = /** @type {Element} */ (document.getElementById("ping-chart"));

  /** @param {import("./ping_times.js").PingTimes} times */
  render(times) {
    const last = times.latest.at(-1);
    if (last === undefined) return;
    setText(this.#last, formatTime(last));
    setText(this.#min, formatTime(times.min));
    setText(this.#average, formatTime(times.average));
    setText(this.#max, formatTime(times.max));
    this.#drawBars(times.latest);
  }

  /** @param {readonly number[]} latest */
  #drawBars(latest) {
    const top = Math.max(...latest);
    const step = WIDTH / KEPT_TIMES;
    this.#chart.replaceChildren(...latest.map((time, index) => {
      const height = Math.max(2, time / top * HEIGHT);
      return svgElement("rect", {
        x: String((KEPT_TIMES - latest.length + index) * step),
        y: String(HEIGHT - height),
        width: String(step - 1),
        height: String(height),
      });
    }));
  }
}
