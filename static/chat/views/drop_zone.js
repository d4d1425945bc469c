// @ts-check
/// <reference lib="dom" />

/**
 * Takes files that are dragged onto a part of the page.
 *
 * @param {HTMLElement} zone
 * @param {(files: readonly File[]) => void} take
 */
export function watchDrops(zone, take) {
  const hasFiles = (/** @type {DragEvent} */ { dataTransfer }) =>
    dataTransfer?.types.includes("Files") ?? false;
  zone.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.add("dropping");
  });
  zone.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && zone.contains(relatedTarget)) return;
    zone.classList.remove("dropping");
  });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer?.files ?? []]);
  });
}
