// @ts-check
/// <reference lib="dom" />

/** @param {(step: number) => void} changeRoom how far up or down the board */
export function watchShortcuts(changeRoom) {
  document.addEventListener("keydown", (event) => {
    const { altKey, ctrlKey, metaKey, shiftKey, key } = event;
    if (!altKey || ctrlKey || metaKey || shiftKey) return;
    if (key === "ArrowDown") changeRoom(1);
    else if (key === "ArrowUp") changeRoom(-1);
    else return;
    event.preventDefault();
  });
}
