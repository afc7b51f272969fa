// One stop of the Tab key for a grid of buttons: within it, the arrow keys go from one to the next, as in a table.

const KEYS = { ArrowRight: next(1), ArrowLeft: next(-1), ArrowDown: nearest(1), ArrowUp: nearest(-1), Home: end(0), End: end(-1) };

/**
 * @param {HTMLElement} box - whose buttons these are, now or later
 * @returns {(button?: HTMLElement) => void} makes a button the stop, the first one where none is given
 */
export function rove(box) {
  const all = () => [...box.querySelectorAll("button")];
  const stopAt = (chosen) => {
    const buttons = all(), stop = buttons.includes(chosen) ? chosen : buttons[0];
    for (const each of buttons) each.tabIndex = each === stop ? 0 : -1;
  };
  box.addEventListener("focusin", ({ target }) => stopAt(target.closest("button")));
  box.addEventListener("keydown", (event) => {
    const from = event.target.closest("button"), isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!from || !isPlain || !(event.key in KEYS)) return;
    event.preventDefault();
    KEYS[event.key](all(), from)?.focus();
  });
  return stopAt;
}

function next(step) { return (buttons, from) => buttons[buttons.indexOf(from) + step]; }

function end(place) { return (buttons) => buttons.at(place); }

// Empty cells have no button, and rows are of different lengths: the column counts first, then how far it is.
function nearest(sign) {
  return (buttons, from) => {
    const own = from.getBoundingClientRect();
    const away = (button) => {
      const other = button.getBoundingClientRect();
      return { button, across: Math.abs(other.left - own.left), along: sign * (other.top - own.top) };
    };
    const ahead = buttons.map(away).filter(({ along }) => along > own.height / 2);
    return ahead.sort((one, other) => one.across - other.across || one.along - other.along)[0]?.button;
  };
}
