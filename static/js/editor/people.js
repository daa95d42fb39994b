// Who else has the draft open, and whether they saved something newer.
const EVERY = 20000;

export function makePeople({ editor, form, words, post }, saving) {
  const line = editor.querySelector('[data-people]');

  function show({ people, revision, by }) {
    const parts = [];
    if (people.length) parts.push(words.open_now.replace('%s', people.join(', ')));
    const isNewer = revision > saving.revision() && !saving.isDirty();
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
      if (status === 200 && body) show(body);
    } catch {
      // Asked again soon.
    }
  }

  touch();
  setInterval(touch, EVERY);
  addEventListener('visibilitychange', touch);
}
