// @ts-check

/**
 * Times as people read them, in the reader's zone.
 * @module
 */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

const full = new Intl.DateTimeFormat(undefined, {
  dateStyle: "full",
  timeStyle: "medium",
});

// The page is in English, so its words for days are too.
const weekday = new Intl.DateTimeFormat("en", {
  weekday: "long",
  day: "numeric",
  month: "long",
});

const weekdayAndYear = new Intl.DateTimeFormat("en", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/**
 * @param {number} time milliseconds since 1970
 * @returns {string} e.g. `19:02` or `7:02 PM`, as the reader is used to
 */
export function formatClock(time) {
  return clock.format(time);
}

/**
 * @param {number} time milliseconds since 1970
 * @returns {string} the date and the second, for who wants to know exactly
 */
export function formatFull(time) {
  return full.format(time);
}

/**
 * @param {number} time milliseconds since 1970
 * @param {number} now milliseconds since 1970
 * @returns {string} the time, with its day unless that is today
 */
export function formatMoment(time, now) {
  return startOfDay(time) === startOfDay(now)
    ? formatClock(time)
    : `${formatClock(time)}, ${formatDay(time, now)}`;
}

/**
 * @param {number} time milliseconds since 1970
 * @returns {number} the first moment of that day here
 */
export function startOfDay(time) {
  return new Date(time).setHours(0, 0, 0, 0);
}

/**
 * @param {number} day milliseconds since 1970, anywhere in the day
 * @param {number} now milliseconds since 1970
 * @returns {string} `Today`, `Yesterday`, or the date
 */
export function formatDay(day, now) {
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (startOfDay(day) === startOfDay(now)) return "Today";
  if (startOfDay(day) === startOfDay(yesterday.getTime())) return "Yesterday";
  return new Date(day).getFullYear() === new Date(now).getFullYear()
    ? weekday.format(day)
    : weekdayAndYear.format(day);
}
