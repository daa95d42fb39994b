// Who else has the draft open, and whether they saved something newer.
const EVERY = 20000;

export function makePeople({ editor, form, words, post }, saving) {
  const line = editor.querySelector('[data-people]');
  let last = null;

  // What the reader saved is never newer to them: the reply to it may come after this one, which has no name then.
  function show() {
    if (!last) return;
    const { people, revision, by } = last;
    const parts = [];
    if (people.length) parts.push(words.open_now.replace('%s', people.join(', ')));
    const isNewer = by && revision > saving.revision() && !saving.isDirty();
    if (isNewer) parts.push(words.newer.replace('%s', by));
    const text = parts.join('. ');
    if (line.dataset.text === text) return;
    line.dataset.text = text;
    line.replaceChildren(text);
    if (isNewer) {
      const load = document.createElement('button');
      load.type = 'button';
      load.textContent = words.load;
      load.addEventListener('click', () => location.assign(form.action));
      line.append(' ', load);
    }
  }

  async function touch() {
    if (document.hidden) return;
    try {
      const { status, body } = await post(editor.dataset.touch, {});
      if (status !== 200 || !body) return;
      last = body;
      show();
    } catch {
      // Asked again soon.
    }
  }

  // A reply that is older than what this page has stored since says nothing of what is newer.
  editor.addEventListener('stored', show);
  touch();
  setInterval(touch, EVERY);
  addEventListener('visibilitychange', touch);
}
