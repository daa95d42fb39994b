// The preview: a page of its own in a frame, whose main part is filled with what the form holds.
const PAUSE = 600;
const WIDE = 1280;

export function makePreview({ editor, form, words, post, fields }) {
  const frame = editor.querySelector('iframe[name="preview"]');
  const choice = editor.querySelector('[data-preview-form]');
  const token = form.elements.csrfmiddlewaretoken.value;
  let timer = 0;

  const query = () => new URLSearchParams([...new FormData(choice)].filter(([name]) => name !== 'width'));
  const address = () => `${editor.dataset.preview}?${query()}`;

  async function fill() {
    try {
      const response = await fetch(address(), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
        body: JSON.stringify({ fields: fields() }),
        redirect: 'manual',
      });
      if (!response.ok && response.status !== 422) return;
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');
      const main = frame.contentDocument?.querySelector('main');
      if (fresh && main) main.replaceChildren(...fresh.childNodes);
    } catch {
      // The next change asks again.
    }
  }

  function lay() {
    const isWide = choice.elements.width.value === 'wide';
    frame.dataset.width = isWide ? 'wide' : 'phone';
    frame.style.setProperty('--scale', String(frame.parentElement.clientWidth / WIDE));
  }

  choice.hidden = false;
  choice.previousElementSibling.hidden = true;
  choice.elements.theme.value = document.documentElement.classList.contains('dark') ? 'dark' : 'light';
  choice.addEventListener('change', (event) => {
    lay();
    if (event.target.name !== 'width') frame.src = address();
  });
  addEventListener('resize', lay);
  frame.addEventListener('load', fill);
  lay();
  frame.src = address();
  return {
    /** Show the language that is written alone. */
    speaks(language) {
      if (!language) return;
      choice.elements.language.value = language;
      frame.src = address();
    },
    changed() {
      clearTimeout(timer);
      timer = setTimeout(fill, PAUSE);
    },
  };
}
