// Single keys. They never touch what a browser, a screen reader or a field does with a key.

/** Calls `act[name](argument)` for a single key, where `enabled()` allows it. */
export function listen(enabled, act) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!enabled() || document.querySelector('dialog[open], [popover]:popover-open')) return;
    const { target } = event;
    const inOption = target.matches('input[type="radio"], input[type="checkbox"]');
    if (target.isContentEditable || (target.matches('input, textarea, select') && !inOption)) return;
    const key = event.key.toLowerCase();
    // In a group of radios the arrows move the choice, as everywhere.
    const arrow = !target.matches('input[type="radio"]') && !event.shiftKey;
    if (/^[a-f]$/.test(key)) act.choose(key.charCodeAt(0) - 97);
    else if (key === 'n' || (arrow && key === 'arrowright')) act.move('next');
    else if (key === 'p' || (arrow && key === 'arrowleft')) act.move('prev');
    else if (key === 'm') act.flag();
    else if (key === 's') act.strike(target.closest('.option'));
    else if (key === 'l') act.language();
    else if (key === 't') act.time();
    else return;
    event.preventDefault();
  });
}
