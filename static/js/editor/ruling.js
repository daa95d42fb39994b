// What the page says of a ruling depends on the key that is stored: it is asked for anew after each save.

/** Follow what is saved. `watch(form)` is called for a form of an act that the page did not have before. */
export function followRuling({ editor, form }, watch) {
  async function renew() {
    const section = document.getElementById('ruling');
    if (!section) return;
    try {
      const reply = await fetch(form.action);
      const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
      const fresh = page.getElementById('ruling');
      // A later save asks for itself, and what says the same stays: somebody may be typing in it.
      const isOld = page.getElementById('editor')?.dataset.revision !== editor.dataset.revision;
      if (!fresh || isOld || fresh.textContent === section.textContent) return;
      section.replaceWith(fresh);
      fresh.querySelectorAll('form.act').forEach(watch);
    } catch {
      // Saving says that there is no connection.
    }
  }
  editor.addEventListener('stored', renew);
}
